# Fails to start, as if a library were missing.
echo 'missing-library: error while loading shared libraries: libmissing.so' >&2
exit 127
