-- Reads linear systems from standard input, passes them to @{ listing }@, and prints the
-- results. docs/protocol.md describes both sides. Only the functions with ADAPT depend on the
-- program.
module Main (main) where

import Control.Exception (SomeException, evaluate, try)
import Control.Monad (replicateM, unless, void, when)
import Data.List (transpose)
%% if is_own
import qualified Elimination as Program
%% else
import qualified Program
%% endif
import System.IO (hFlush, hPutStrLn, isEOF, stderr, stdout)

type Vector = [Double]
type Matrix = [[Double]]

-- The calls of the program. Where it has no answer, the program may throw, call error or exit: the
-- driver then prints `failed PROCEDURE MESSAGE`. Or a function here may give Left or an empty list:
-- the driver then prints `refused PROCEDURE MESSAGE`. The usual ways of a program to say so:
--     return (Right (Program.solve a b))                                  it gives [], or calls error
--     return (maybe (Left "returned Nothing") Right (Program.solve a b))  it gives Nothing
--     return (Program.solve a b)                                          it gives Left with a text
--     Right <$> Program.solve a b                                         it is an action of IO
%% if gaussian_elimination

-- ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns
gaussianElimination :: Matrix -> Int -> IO (Either String Matrix)
gaussianElimination m unknowns = Right <$> Program.gaussianElimination m unknowns
%% endif
%% if gauss_jordan

-- ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@
gaussJordan :: Matrix -> Int -> IO (Either String Matrix)
gaussJordan m unknowns = return (Right (Program.gaussJordan m unknowns))
%% endif
%% if back_substitution

-- ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@
backSubstitution :: Matrix -> IO (Either String Vector)
backSubstitution m = return (Program.backSubstitution m)
%% endif
%% if lu

-- ADAPT: P, L and U with P A = L U
lu :: Matrix -> IO (Either String (Matrix, Matrix, Matrix))
lu a = return (Right (permutation order, lower, upper))
  where
    (order, lower, upper) = Program.lu a
%% endif
%% if forward_substitution

-- ADAPT: the solution y of L y = b
forwardSubstitution :: Matrix -> Vector -> IO (Either String Vector)
forwardSubstitution l b = return (Right (Program.forwardSubstitution l b))
%% endif
%% if backward_substitution

-- ADAPT: the solution x of U x = y
backwardSubstitution :: Matrix -> Vector -> IO (Either String Vector)
backwardSubstitution u y = return (Program.backwardSubstitution u y)
%% endif
%% if solve

-- ADAPT: the solution x of A x = b
solve :: Matrix -> Vector -> IO (Either String Vector)
solve a b = return (Program.solve a b)
%% endif
%% if inverse

-- ADAPT: the inverse of A
inverse :: Matrix -> IO (Either String Matrix)
inverse a = return (Program.inverse a)
%% endif
%% if determinant

-- ADAPT: the determinant of A
determinant :: Matrix -> IO (Either String Double)
determinant a = return (Right (Program.determinant a))
%% endif
%% if log_determinant

-- ADAPT: the sign of the determinant of A, and the logarithm of its magnitude
logDeterminant :: Matrix -> IO (Either String Vector)
logDeterminant a = return (Right [sign, logarithm])
  where
    (sign, logarithm) = Program.logDeterminant a
%% endif
%% if rank

-- ADAPT: the rank of A
rank :: Matrix -> IO (Either String Double)
rank a = return (Right (fromIntegral (Program.rank a)))
%% endif
%% if tridiagonal

-- ADAPT: the solution x of A x = b, from the diagonals of A
tridiagonal :: Matrix -> Vector -> IO (Either String Vector)
tridiagonal a b = return (Program.tridiagonal below diagonal above b)
  where
    below = zipWith (!!) (drop 1 a) [0 ..]
    diagonal = zipWith (!!) a [0 ..]
    above = zipWith (!!) (init a) [1 ..]
%% endif
%% if cholesky

-- ADAPT: L with A = L Lᵀ
cholesky :: Matrix -> IO (Either String Matrix)
cholesky a = return (Program.cholesky a)
%% endif
%% if least_squares

-- ADAPT: the x with the smallest residual b - A x
leastSquares :: Matrix -> Vector -> IO (Either String Vector)
leastSquares a b = return (Program.leastSquares a b)
%% endif
%% if conjugate_gradient

-- ADAPT: the solution x of A x = b for a positive definite A
conjugateGradient :: Matrix -> Vector -> IO (Either String Vector)
conjugateGradient a b = return (Program.conjugateGradient a b)
%% endif

-- From here on, nothing depends on the program.

main :: IO ()
main = do
  ended <- isEOF
  unless ended $ do
    header <- getLine
    case words header of
      ["case", name, rows, columns, sides] -> do
        system <- replicateM (read rows) (map number . words <$> getLine)
        let unknowns = read columns - read sides
        hPutStrLn stderr ("case " ++ name)
        say ["case " ++ name]
        answer system (map (take unknowns) system) (map (drop unknowns) system)
        say ["end " ++ name]
      _ -> fail ("not a header: " ++ header)
    main

answer :: Matrix -> Matrix -> Matrix -> IO ()
answer system a b = do
%% if gaussian_elimination
  m <- attempt "gaussian_elimination" (gaussianElimination system unknowns) (matrixLines "echelon")
%% elif gauss_jordan or back_substitution
  let m = Just system
%% endif
%% if gauss_jordan
  reduced <- maybe (return Nothing) (\start -> attempt "gauss_jordan" (gaussJordan start unknowns) (matrixLines "reduced")) m
%% endif
%% if back_substitution
  case @{ "m" if gaussian_elimination or not gauss_jordan else "reduced" }@ of
    Just start | isSingle ->
      void (attempt "back_substitution" (backSubstitution start) (vectorLines "solution"))
    _ -> return ()
%% endif
%% if lu or forward_substitution or backward_substitution
  when isSquare $ do
%% if lu
    factors <- attempt "lu" (lu a) $ \(p, l, u) ->
      concat [matrixLines "permutation" p, matrixLines "lower" l, matrixLines "upper" u]
%% else
    -- Without a factorisation, the triangles are those of A.
    let place i row = (take i row ++ 1 : map (const 0) (drop (i + 1) row), map (const 0) (take i row) ++ drop i row)
        (lower, upper) = unzip (zipWith place [0 ..] a)
        factors = Just (permutation [0 .. unknowns - 1], lower, upper)
%% endif
    case factors of
      Nothing -> return ()
      Just (p, l, u) -> do
%% if forward_substitution
        let pb = [head ([row | (entry, row) <- zip unit b, entry /= 0] ++ b) | unit <- p]
        y <- attempt "forward_substitution" (each forwardSubstitution l pb) (matrixLines "forward")
%% else
        let y = Just b
%% endif
%% if backward_substitution
        case y of
          Nothing -> return ()
          Just known -> void (attempt "backward_substitution" (each backwardSubstitution u known) (matrixLines "backward"))
%% else
        return (void y) >> return ()
%% endif
%% endif
%% if solve
  -- Where the program takes other shapes, claim them in port.yaml and leave out the condition.
  when isSquare $ void (attempt "solve" (each solve a b) (matrixLines "solve"))
%% endif
%% if inverse
  when isSquare $ void (attempt "inverse" (inverse a) (matrixLines "inverse"))
%% endif
%% if determinant
  when isSquare $ void (attempt "determinant" (determinant a) (vectorLines "determinant" . (: [])))
%% endif
%% if log_determinant
  when isSquare $ void (attempt "log_determinant" (logDeterminant a) (vectorLines "log_determinant"))
%% endif
%% if rank
  void (attempt "rank" (rank a) (vectorLines "rank" . (: [])))
%% endif
%% if tridiagonal
  when (isSquare && isTridiagonal) $
    void (attempt "tridiagonal" (each tridiagonal a b) (matrixLines "tridiagonal"))
%% endif
%% if cholesky
  when isSymmetric $ void (attempt "cholesky" (cholesky a) (matrixLines "cholesky"))
%% endif
%% if least_squares
  void (attempt "least_squares" (each leastSquares a b) (matrixLines "least_squares"))
%% endif
%% if conjugate_gradient
  when (isSymmetric && isSingle) $
    void (attempt "conjugate_gradient" (conjugateGradient a (map head b)) (vectorLines "conjugate_gradient"))
%% endif
  return ()
  where
    unknowns = length (head a)
    isSquare = length a == unknowns
    isSingle = length (head b) == 1
    isSymmetric = isSquare && a == transpose a
    isTridiagonal =
      and [value == 0 || abs (i - j) < (2 :: Int) | (i, row) <- zip [0 ..] a, (j, value) <- zip [0 ..] row]

-- The results for each column of B, as the columns of a matrix.
each :: (Matrix -> Vector -> IO (Either String Vector)) -> Matrix -> Matrix -> IO (Either String Matrix)
each solver a b = do
  columns <- mapM (solver a) (transpose b)
  return $ case sequence columns of
    Left message -> Left message
    Right xs | any null xs -> Left "returned an empty list"
    Right xs | any ((/= length (head xs)) . length) xs -> error "the solutions have different numbers of unknowns"
    Right xs -> Right (transpose xs)

-- Prints and returns the result of the procedure. Where it refuses or throws, prints that and
-- returns Nothing.
attempt :: String -> IO (Either String a) -> (a -> [String]) -> IO (Maybe a)
attempt procedure work linesOf = do
  outcome <- try (work >>= traverse computed)
  case outcome of
    Right (Right (result, [])) -> explain "refused" "returned an empty list"
    Right (Right (result, text)) -> say text >> return (Just result)
    Right (Left message) -> explain "refused" message
    Left problem -> explain "failed" (show (problem :: SomeException))
  where
    explain word message = say [unwords (word : procedure : words message)] >> return Nothing
    -- Haskell is lazy, so every number is computed here, where exceptions are caught.
    computed result = do
      let text = linesOf result
      _ <- evaluate (length (concat text))
      return (result, text)

-- No lines for an empty result
matrixLines :: String -> Matrix -> [String]
matrixLines label rows
  | null rows || null (head rows) = []
  | otherwise = unwords [label, show (length rows), show (length (head rows))] : map (unwords . map show) rows

vectorLines :: String -> Vector -> [String]
vectorLines label x
  | null x = []
  | otherwise = (label ++ " " ++ show (length x)) : map show x

-- The matrix whose rows are those of the unit matrix in that order.
permutation :: [Int] -> Matrix
permutation order = [[if j == origin then 1 else 0 | j <- [0 .. length order - 1]] | origin <- order]

number :: String -> Double
number ('-' : digits) = negate (read digits)
number digits = read digits

say :: [String] -> IO ()
say text = putStr (unlines text) >> hFlush stdout
