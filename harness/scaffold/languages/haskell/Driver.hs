-- Reads linear systems from standard input, passes them to Elimination.hs, and prints the
-- results. docs/protocol.md describes both sides.
module Main (main) where

import Control.Exception (SomeException, evaluate, try)
import Control.Monad (replicateM, unless, void)
import Elimination
import System.IO (hFlush, hPutStrLn, isEOF, stderr, stdout)

main :: IO ()
main = do
  ended <- isEOF
  unless ended $ do
    header <- getLine
    case words header of
      ["case", name, rows, _, _] -> do
        system <- replicateM (read rows) (map number . words <$> getLine)
        answer name system
      _ -> fail ("not a header: " ++ header)
    main

answer :: String -> Matrix -> IO ()
answer name system = do
  hPutStrLn stderr ("case " ++ name)
  say ["case " ++ name]
  eliminated <- attempt "gaussian_elimination" (Right <$> gaussianElimination system) (matrixLines "echelon")
  case eliminated of
    Nothing -> return ()
    Just echelon -> do
      void (attempt "gauss_jordan" (return (Right (gaussJordan echelon))) (matrixLines "reduced"))
      void (attempt "back_substitution" (return (backSubstitution echelon)) vectorLines)
  say ["end " ++ name]

-- Prints and returns the result of the procedure. Where it refuses or throws, prints a `failed`
-- line and returns Nothing.
attempt :: String -> IO (Either String a) -> (a -> [String]) -> IO (Maybe a)
attempt procedure work linesOf = do
  outcome <- try (work >>= traverse computed)
  case outcome of
    Right (Right (result, text)) -> say text >> return (Just result)
    Right (Left message) -> failed message
    Left problem -> failed (show (problem :: SomeException))
  where
    failed message = say [unwords ("failed" : procedure : words message)] >> return Nothing
    -- Haskell is lazy, so every number is computed here, where exceptions are caught.
    computed result = do
      let text = linesOf result
      _ <- evaluate (length (concat text))
      return (result, text)

matrixLines :: String -> Matrix -> [String]
matrixLines label rows =
  unwords [label, show (length rows), show (length (head rows))] : map (unwords . map show) rows

vectorLines :: [Double] -> [String]
vectorLines x = ("solution " ++ show (length x)) : map show x

number :: String -> Double
number ('-' : digits) = negate (read digits)
number digits = read digits

say :: [String] -> IO ()
say text = putStr (unlines text) >> hFlush stdout
