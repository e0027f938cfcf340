# Never reads its input.
exec sleep 1000
