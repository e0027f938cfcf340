-- Linear equations by elimination with partial pivoting: the program under test.
--
-- Put your own program in place of this one. Where its functions have other names or arguments,
-- change the calls in Driver.hs.
--
-- A matrix is a list of rows. An augmented one has the right-hand sides in its last columns.
module Elimination where

import Data.List (foldl', maximumBy, transpose)
import Data.Ord (comparing)

type Row = [Double]
type Matrix = [Row]

-- Of the rows, the one with the largest number in magnitude, and the others.
largestFirst :: (a -> Double) -> [a] -> (a, [a])
largestFirst number rows = (pivotRow, before ++ after)
  where
    largest = maximumBy (comparing fst) [(abs (number row), negate i) | (i, row) <- zip [0 :: Int ..] rows]
    (before, pivotRow, after) = case splitAt (negate (snd largest)) rows of
      (left, middle : right) -> (left, middle, right)
      _ -> error "there are no rows"

subtractRow :: Double -> Row -> Row -> Row
subtractRow factor = zipWith (\subtrahend value -> value - factor * subtrahend)

dot :: Row -> Row -> Double
dot x y = foldl' (+) 0 (zipWith (*) x y)
%% if gaussian_elimination or gauss_jordan or rank

-- Rows in echelon form over their first so many columns: clears the first of them below its pivot
-- and goes on with what is to the right.
eliminate :: Int -> Matrix -> Matrix
eliminate _ [] = []
eliminate 0 rows = rows
eliminate columns rows
  | head pivotRow == 0 = map (0 :) (eliminate (columns - 1) (map tail rows))
  | otherwise = pivotRow : map (0 :) (eliminate (columns - 1) (map cleared others))
  where
    (pivotRow, others) = largestFirst head rows
    cleared row = subtractRow (head row / head pivotRow) (tail pivotRow) (tail row)

pivots :: Int -> Matrix -> Int
pivots unknowns = length . filter (any (/= 0) . take unknowns)
%% endif
%% if gaussian_elimination

-- The matrix in row echelon form. Says so where a pivot is missing.
gaussianElimination :: Matrix -> Int -> IO Matrix
gaussianElimination a unknowns = do
  let echelon = eliminate unknowns a
  if pivots unknowns echelon < min (length a) unknowns
    then putStrLn "The matrix is singular."
    else return ()
  return echelon
%% endif
%% if gauss_jordan

%% if gaussian_elimination
-- The reduced row echelon form of a matrix in row echelon form, made from its last row upwards.
gaussJordan :: Matrix -> Int -> Matrix
gaussJordan a unknowns = foldr reduce [] a
%% else
-- The reduced row echelon form of a matrix, made from the last row of the echelon form upwards.
gaussJordan :: Matrix -> Int -> Matrix
gaussJordan a unknowns = foldr reduce [] (eliminate unknowns a)
%% endif
  where
    reduce row reduced = foldl' clear (normal row) reduced : reduced
    clear upper lower = case pivotColumn lower of
      Nothing -> upper
      Just column -> case splitAt column upper of
        (left, factor : right) -> left ++ 0 : subtractRow factor (drop (column + 1) lower) right
        _ -> upper
    normal values = case pivotColumn values of
      Nothing -> values
      Just column -> map (/ (values !! column)) values
    -- Where the first coefficient stands that is not 0.
    pivotColumn row = case takeWhile (== 0) (take unknowns row) of
      zeros | length zeros < unknowns -> Just (length zeros)
      _ -> Nothing
%% endif
%% if back_substitution

-- The solution of a system in row echelon form, or why there is none to give.
backSubstitution :: Matrix -> Either String Row
backSubstitution a
  | length triangle < unknowns = refused
  | any (== 0) (zipWith (!!) triangle [0 ..]) = refused
  | any ((/= 0) . last) rest = refused
  | otherwise = Right (substitute (zipWith drop [0 ..] triangle))
  where
    unknowns = length (head a) - 1
    (triangle, rest) = splitAt unknowns a
    refused = Left "there is not exactly one solution"
%% endif
%% if back_substitution or backward_substitution or solve or inverse or least_squares

-- The solution of rows that begin with their pivot and end with their right-hand side.
substitute :: Matrix -> Row
substitute = foldr prepend []
  where
    prepend row solved = (last row - dot (tail (init row)) solved) / head row : solved
%% endif
%% if lu or solve or inverse or determinant or log_determinant

-- P, L and U with P A = L U; P is the order of the rows of A.
lu :: Matrix -> ([Int], Matrix, Matrix)
lu a = unzip3 (factor 0 [(i, [], row) | (i, row) <- zip [0 ..] a])
  where
    factor _ [] = []
    factor k rows = (origin, take (length a) (lower ++ 1 : repeat 0), replicate k 0 ++ upper) : factor (k + 1) (map clear others)
      where
        ((origin, lower, upper), others) = largestFirst (\(_, _, row) -> head row) rows
        clear (i, known, row)
          | head upper == 0 = (i, known ++ [0], tail row)
          | otherwise =
              let multiplier = head row / head upper
               in (i, known ++ [multiplier], subtractRow multiplier (tail upper) (tail row))
%% endif
%% if forward_substitution or solve or inverse

-- The solution of L y = b, where L has 1 on its diagonal.
forwardSubstitution :: Matrix -> Row -> Row
forwardSubstitution lower b = foldl' append [] (zip lower b)
  where
    append known (row, value) = known ++ [value - dot row known]
%% endif
%% if backward_substitution or solve or inverse

-- The solution of U x = y, or why there is none.
backwardSubstitution :: Matrix -> Row -> Either String Row
backwardSubstitution upper y
  | any (== 0) (zipWith (!!) upper [0 ..]) = Left "the matrix is singular"
  | otherwise = Right (substitute [drop i row ++ [value] | (i, row, value) <- zip3 [0 ..] upper y])
%% endif
%% if solve

-- The solution of A x = b, or why there is none.
solve :: Matrix -> Row -> Either String Row
solve a b = backwardSubstitution upper (forwardSubstitution lower (map (b !!) order))
  where
    (order, lower, upper) = lu a
%% endif
%% if inverse

inverse :: Matrix -> Either String Matrix
inverse a = transpose <$> mapM column [0 .. length a - 1]
  where
    (order, lower, upper) = lu a
    column j = backwardSubstitution upper (forwardSubstitution lower [if i == j then 1 else 0 | i <- order])
%% endif
%% if determinant or log_determinant

-- The determinant of a permutation, from the number of its inversions.
signOf :: [Int] -> Double
signOf order = if even (length inversions) then 1 else -1
  where
    inversions = [() | (k, i) <- zip [1 ..] order, j <- drop k order, j < i]
%% endif
%% if determinant

-- Mantissas and powers of two are multiplied apart, because a product of some of the pivots may be
-- too large or too small for a Double.
determinant :: Matrix -> Double
determinant a = uncurry (flip scaleFloat) (foldl' multiply (signOf order, 0) (zipWith (!!) upper [0 ..]))
  where
    (order, _, upper) = lu a
    multiply (mantissa, power) pivot =
      let product' = mantissa * significand pivot
       in (significand product', power + exponent pivot + exponent product')
%% endif
%% if log_determinant

-- The sign of the determinant and the logarithm of its magnitude; 0 and -Infinity where it is 0.
logDeterminant :: Matrix -> (Double, Double)
logDeterminant a
  | any (== 0) diagonal = (0, -1 / 0)
  | otherwise = (signOf order * product (map signum diagonal), sum (map (log . abs) diagonal))
  where
    (order, _, upper) = lu a
    diagonal = zipWith (!!) upper [0 ..]
%% endif
%% if rank

-- The number of pivots that elimination finds.
rank :: Matrix -> Int
rank a = pivots columns (eliminate columns a)
  where
    columns = length (head a)
%% endif
%% if tridiagonal

-- The solution of a tridiagonal system by the Thomas algorithm, without row swaps.
tridiagonal :: Row -> Row -> Row -> Row -> Either String Row
tridiagonal below diagonal above b
  | any (== 0) diagonal' = Left "a pivot is 0"
  | otherwise = Right (foldr prepend [] (zip3 diagonal' (above ++ [0]) right))
  where
    (diagonal', right) = unzip (scanl1Rows (zip4' (0 : below) diagonal (0 : above) b))
    prepend (pivot, beside, value) [] = [value / pivot] where _ = beside
    prepend (pivot, beside, value) solved = (value - beside * head solved) / pivot : solved
    zip4' p q r s = zip (zip p q) (zip r s)
    scanl1Rows [] = []
    scanl1Rows (((_, d), (_, value)) : rows) = scanl next (d, value) rows
    next (pivot, known) ((low, d), (beside, value)) =
      let factor = low / pivot in (d - factor * beside, value - factor * known)
%% endif
%% if cholesky

-- L with A = L Lᵀ, or why there is none.
cholesky :: Matrix -> Either String Matrix
cholesky a = map pad <$> foldl' (\known row -> known >>= append row) (Right []) (zip [0 ..] a)
  where
    pad row = take (length a) (row ++ repeat 0)
    append (i, row) known
      | rest > 0 = Right (known ++ [entries ++ [sqrt rest]])
      | otherwise = Left "the matrix is not positive definite"
      where
        entries = foldl' (\done (value, other) -> done ++ [(value - dot other done) / last other]) [] (zip row known)
        rest = row !! i - dot entries entries
%% endif
%% if least_squares

-- The x with the smallest residual b - A x, by reflections, or why there is none.
leastSquares :: Matrix -> Row -> Either String Row
leastSquares a b
  | length a < columns = Left "there are fewer equations than unknowns"
  | minimum sizes <= fromIntegral (length a) * 2 ** (-52) * maximum sizes = Left "the columns depend on each other"
  | otherwise = Right (substitute triangle)
  where
    columns = length (head a)
    triangle = triangular columns (transpose a ++ [b])
    sizes = map (abs . head) triangle

-- The rows of [R | Qᵀ b] from their diagonal on, from the columns of [A | b].
triangular :: Int -> [Row] -> Matrix
triangular 0 _ = []
triangular count columns = map head reflected : triangular (count - 1) (map tail (tail reflected))
  where
    first = head columns
    largest = maximum (map abs first)
    scaled = map (/ largest) first
    size = sqrt (dot scaled scaled)
    vector = (head scaled + (if head scaled < 0 then negate size else size)) : tail scaled
    reflect column = subtractRow (2 * dot vector column / dot vector vector) vector column
    reflected = if largest == 0 then columns else map reflect columns
%% endif
%% if conjugate_gradient

-- An x whose residual is at most 1e-10 times b, for a positive definite A, or why there is none.
conjugateGradient :: Matrix -> Row -> Either String Row
conjugateGradient a b = map (* scale) <$> iterateFrom (0 :: Int) (map (const 0) b) start start square0
  where
    -- The squares of large and small numbers are no Doubles.
    scale = case maximum (map abs b) of
      0 -> 1
      largest -> largest
    start = map (/ scale) b
    square0 = dot start start
    iterateFrom step x residual direction square
      | square <= 1e-20 * square0 = Right x
      | step == 10 * length b = Left "the iteration does not converge"
      | not (curvature > 0) = Left "the matrix is not positive definite"
      | otherwise = iterateFrom (step + 1) x' residual' (subtractRow (negate (square' / square)) direction residual') square'
      where
        image = map (`dot` direction) a
        curvature = dot direction image
        x' = subtractRow (negate (square / curvature)) direction x
        residual' = subtractRow (square / curvature) image residual
        square' = dot residual' residual'
%% endif
