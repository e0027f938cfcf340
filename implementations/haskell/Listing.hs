{-# LANGUAGE CPP #-}
-- The listing has no module header of its own; this makes a module of it that can be imported.
module Listing where

#include "gaussianElimination.hs"
