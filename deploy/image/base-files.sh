#!/bin/sh
# What a process needs of the distribution: Node, the libraries that it is linked with, env (for carillon-admin), and an
# account. No shell, no package manager, nothing that could be out of date besides the C library.
#   base-files.sh DIRECTORY [NODE]    an empty directory, the program node (default: the one on PATH)
set -eu
root=$1
node=${2:-$(command -v node)}

mkdir -p "$root/usr/local/bin" "$root/usr/bin" "$root/etc" "$root/tmp"
cp -L "$node" "$root/usr/local/bin/node"
cp -L /usr/bin/env "$root/usr/bin/env"
# At the very paths that the programs ask for, the loader among them; libnss_* and libresolv resolve names.
libraries=$(ldd "$node" /usr/bin/env | grep -Eo '/[^ )]+\.so[^ )]*' | sort -u)
libc=$(echo "$libraries" | grep '/libc\.so')
for file in $libraries "${libc%/*}"/libnss_dns.so.* "${libc%/*}"/libnss_files.so.* "${libc%/*}"/libresolv.so.*; do
  [ -f "$file" ] || continue
  mkdir -p "$root${file%/*}"
  cp -L "$file" "$root$file"
done
if [ -f /etc/nsswitch.conf ]; then cp /etc/nsswitch.conf "$root/etc/"; fi
echo 'node:x:1000:1000:Carillon:/app:/usr/sbin/nologin' > "$root/etc/passwd"
echo 'node:x:1000:' > "$root/etc/group"
chmod 1777 "$root/tmp"
ln -s /app/apps/admin/bin/carillon-admin.mjs "$root/usr/local/bin/carillon-admin"
