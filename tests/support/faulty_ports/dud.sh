# Cannot even start.
echo 'dud: error while loading shared libraries: libdud.so' >&2
exit 127
