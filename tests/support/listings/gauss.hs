{-# LANGUAGE ScopedTypeVariables #-}
-- Linear equations, as a program of its own. It exports nothing but main.
module Main
  ( main
  ) where

import Data.List (sortOn, transpose)

-- Nothing for a singular matrix
gauss :: [[Double]] -> [Double] -> Maybe [Double]
gauss a b = go 0 (zipWith (\row value -> row ++ [value]) a b)
  where
    n = length b
    go k m
      | k == n = Just (map last m)
      | abs (p !! k) < 1e-12 = Nothing
      | otherwise = go (k + 1) (map clear done ++ [pivot] ++ map clear others)
      where
        (done, rest) = splitAt k m
        (p : others) = sortOn (\row -> negate (abs (row !! k))) rest
        pivot = map (/ (p !! k)) p
        clear row = zipWith (\u v -> u - (row !! k) * v) row pivot

-- [] for a singular matrix
invert :: [[Double]] -> [[Double]]
invert a = maybe [] transpose (mapM (gauss a) unit)
  where
    unit = [[if i == j then 1 else 0 | i <- [1 .. length a]] | j <- [1 .. length a]]

-- An error for a singular matrix
det :: [[Double]] -> Double
det a = case expand a of
  0 -> error "The matrix is singular!"
  value -> value

expand :: [[Double]] -> Double
expand [[x]] = x
expand (row : rows) =
  sum [(-1) ^ j * x * expand (map (\r -> take j r ++ drop (j + 1) r) rows) | (j, x) <- zip [0 :: Int ..] row]
expand [] = 1

main :: IO ()
main = interact (show . gauss [[2, 1], [1, 3]] . map read . words)
