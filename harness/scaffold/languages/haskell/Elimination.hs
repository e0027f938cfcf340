-- Gaussian elimination with partial pivoting: the program under test.
--
-- Put your own program in place of this one. Where its functions have other names or arguments,
-- change the calls in Driver.hs.
--
-- A matrix is a list of rows and augmented: its last column is the right-hand side.
module Elimination (Matrix, gaussianElimination, gaussJordan, backSubstitution) where

import Data.List (foldl', maximumBy)
import Data.Ord (comparing)

type Row = [Double]
type Matrix = [Row]

-- The matrix in row echelon form. Says so where a pivot is missing.
gaussianElimination :: Matrix -> IO Matrix
gaussianElimination a = do
  let echelon = eliminate unknowns a
      rank = length (filter (any (/= 0) . take unknowns) echelon)
  if rank < min (length a) unknowns
    then putStrLn "The matrix is singular."
    else return ()
  return echelon
  where
    unknowns = length (head a) - 1

-- Rows in echelon form over their first so many columns: clears the first of them below its pivot
-- and goes on with what is to the right.
eliminate :: Int -> Matrix -> Matrix
eliminate _ [] = []
eliminate 0 rows = rows
eliminate columns rows
  | head pivotRow == 0 = map (0 :) (eliminate (columns - 1) (map tail rows))
  | otherwise = pivotRow : map (0 :) (eliminate (columns - 1) (map cleared others))
  where
    (pivotRow, others) = largestFirst rows
    cleared row = subtractRow (head row / head pivotRow) (tail pivotRow) (tail row)

-- The row that starts with the largest number in magnitude, and the others.
largestFirst :: Matrix -> (Row, Matrix)
largestFirst rows = (pivotRow, before ++ after)
  where
    largest = maximumBy (comparing fst) [(abs (head row), negate i) | (i, row) <- zip [0 :: Int ..] rows]
    (before, pivotRow : after) = splitAt (negate (snd largest)) rows

subtractRow :: Double -> Row -> Row -> Row
subtractRow factor = zipWith (\subtrahend value -> value - factor * subtrahend)

-- The reduced row echelon form of a matrix in row echelon form, made from its last row upwards.
gaussJordan :: Matrix -> Matrix
gaussJordan [] = []
gaussJordan (row : below) =
  let reduced = gaussJordan below in foldl' clear (normal row) reduced : reduced
  where
    clear upper lower = case pivotColumn lower of
      Nothing -> upper
      Just column ->
        let (left, factor : right) = splitAt column upper
         in left ++ 0 : subtractRow factor (drop (column + 1) lower) right
    normal values = case pivotColumn values of
      Nothing -> values
      Just column -> map (/ (values !! column)) values

-- Where the first coefficient stands that is not 0.
pivotColumn :: Row -> Maybe Int
pivotColumn row = case takeWhile (== 0) (init row) of
  zeros | length zeros < length row - 1 -> Just (length zeros)
  _ -> Nothing

-- The solution of a system in row echelon form, or why there is none to give.
backSubstitution :: Matrix -> Either String [Double]
backSubstitution a
  | length triangle < unknowns = refused
  | any (== 0) (zipWith (!!) triangle [0 ..]) = refused
  | any ((/= 0) . last) rest = refused
  | otherwise = Right (foldr prepend [] (zip [0 ..] triangle))
  where
    unknowns = length (head a) - 1
    (triangle, rest) = splitAt unknowns a
    refused = Left "there is not exactly one solution"
    prepend (i, row) solved =
      let pivot : coefficients = drop i (init row)
       in (last row - sum (zipWith (*) coefficients solved)) / pivot : solved
