-- Reads linear systems from standard input, has gaussianElimination.hs work on them, prints what
-- comes out. docs/protocol.md describes both sides.
module Main (main) where

import Control.Exception (SomeException, evaluate, try)
import Control.Monad (replicateM, unless)
import Data.Array (Array, bounds, elems, listArray)
import Data.Char (digitToInt)
import Data.List (foldl')
import Data.Ratio (Ratio, (%))
import Listing hiding (main)
import System.IO (hFlush, hPutStrLn, isEOF, stderr, stdout)

type Number = Ratio Int

main :: IO ()
main = do
  ended <- isEOF
  unless ended $ do
    header <- getLine
    case words header of
      ["case", name, rows, columns, _] -> answer name (read rows) (read columns)
      _ -> fail ("not a header: " ++ header)
    main

answer :: String -> Int -> Int -> IO ()
answer name rows columns = do
  hPutStrLn stderr ("case " ++ name)
  say ["case " ++ name]
  entries <- replicateM rows getLine
  let system = listArray ((1, 1), (rows, columns)) (map number (concatMap words entries))
  eliminated <- attempt "gaussian_elimination" (gaussianElimination system)
  case eliminated of
    Nothing -> return ()
    Just echelon -> do
      sayMatrix "echelon" echelon
      attempt "gauss_jordan" (gaussJordan echelon) >>= mapM_ (sayMatrix "reduced")
      attempt "back_substitution" (backSubstitution echelon) >>= mapM_ saySolution
  say ["end " ++ name]

-- The array with every entry computed; where that throws, nothing, and the failure is printed.
attempt :: String -> Array i Number -> IO (Maybe (Array i Number))
attempt procedure result = do
  outcome <- try (mapM_ evaluate (elems result))
  case outcome of
    Right () -> return (Just result)
    Left problem -> do
      say [unwords ("failed" : procedure : words (show (problem :: SomeException)))]
      return Nothing

-- A number as the protocol writes it: 3, -3 or -3/4.
number :: String -> Number
number text =
  case break (== '/') text of
    (numerator, '/' : denominator) -> integer numerator % integer denominator
    (whole, _) -> integer whole % 1

-- Prelude's `read` takes several times as long as the elimination.
integer :: Num a => String -> a
integer ('-' : digits) = negate (integer digits)
integer digits = foldl' next 0 digits
  where
    next value digit = 10 * value + fromIntegral (digitToInt digit)

sayMatrix :: String -> Matrix Number -> IO ()
sayMatrix label matrix = say (unwords [label, show rows, show columns] : rowsOf (elems matrix))
  where
    ((firstRow, firstColumn), (lastRow, lastColumn)) = bounds matrix
    rows = lastRow - firstRow + 1
    columns = lastColumn - firstColumn + 1
    rowsOf [] = []
    rowsOf entries = unwords (map show (take columns entries)) : rowsOf (drop columns entries)

saySolution :: Vector Number -> IO ()
saySolution x = say (("solution " ++ show (length x)) : map show (elems x))

say :: [String] -> IO ()
say text = putStr (unlines text) >> hFlush stdout
