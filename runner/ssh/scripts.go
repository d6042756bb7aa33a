package ssh

import "strings"

// The scripts that bring the worker up. They hold no values: those come as
// arguments, in order. They have neither quotes nor backslashes that a login
// shell other than sh would read differently, and become one line. What they
// say to the controller is a line that begins with the run's token.

// installRoots are the folders below which the binary may lie, in the order in
// which they are tried. All belong to root. /usr/local/lib is not one of them:
// on systems that were once an old Debian the group staff may write there.
func installRoots() []string {
	return []string{"/var/lib/pgrun", "/opt/pgrun", "/run/pgrun"}
}

// safeFunction says what of some paths somebody else may write: nothing, where
// all of them are root's or the login user's, and neither group nor others may
// write to them. It needs $uid. The binary is found by its path: who can put one there would be
// root, and be told the secrets.
const safeFunction = `
others() { find -L "$@" -maxdepth 0 "(" ! -user 0 ! -user "$uid" -o -perm -020 -o -perm -002 ")" 2>&1; };`

// launchScript runs the worker, or says that it is needed and where a folder for
// it is. $1 token, $2 root or user, $3 folders, $4 hashes of the binaries that
// fit, one per platform; the rest is the worker's argv, to which the hash that it
// must have and the token are added.
func launchScript() string {
	return oneLine(safeFunction + `
token=$1; as=$2; roots=$3; sums=$4; shift 4;
uid=$(id -u); sudo=; home=;
if [ "$as" = user ]; then home=$HOME/.cache/pgrun; roots="$roots $home"; elif [ "$uid" != 0 ]; then sudo=1; fi;
for sum in $sums; do for root in $roots; do
 bin=$root/bin/$sum/pgrun;
 if [ -f "$bin" ] && [ -x "$bin" ]; then
  if [ "$root" != "$home" ] && [ "$(others "${root%/*}" "$root" "$root/bin" "${bin%/*}" "$bin")" ]; then continue; fi;
  if [ "$sudo" ]; then exec sudo -n -- "$bin" "$@" "$sum" "$token"; fi;
  exec "$bin" "$@" "$sum" "$token";
 fi;
done; done;
if [ "$sudo" ] && ! sudo -n -- true; then echo; echo "$token" sudo; exit 0; fi;
echo; echo "$token" need "$(uname -sm)" "$uid"`)
}

// folderScript makes a folder for the upload that only the login user can
// enter, and removes those at home of uploads that were cut off long ago. $1 token, $2
// KiB that must fit.
func folderScript() string {
	return oneLine(`
token=$1; size=$2; umask 077; tried=;
find "$HOME" -maxdepth 1 -type d -name ".pgrun-upload.*" -mmin +60 -exec rm -rf {} + 2>/dev/null;
for base in "$HOME" /tmp /var/tmp /dev/shm; do
 dir=$(mktemp -d "$base/.pgrun-upload.XXXXXXXXXX" 2>/dev/null) || { tried="$tried $base: cannot be written to;"; continue; };
 free=$(df -Pk "$dir" | tail -n 1 | { read -r _ _ _ free _ && echo "$free"; });
 if [ "${free:-0}" -ge "$size" ]; then echo; echo "$token" folder "$dir"; exit 0; fi;
 rmdir "$dir"; tried="$tried $base: No space left, $free KiB of $size;";
done;
echo; echo "$token" failed $tried`)
}

// installScript unpacks, checks and places the binary, removes the upload and
// all but the last three binaries, and starts the worker. $1 token, $2 hash,
// $3 upload folder, $4 folders to try, or home; the rest is the worker's argv. A binary
// is written to disk before it gets its name: a power cut must not leave an
// empty one that would be taken for it.
func installScript() string {
	return oneLine(safeFunction + `
token=$1; sum=$2; upload=$3; roots=$4; shift 4; umask 022; tried=; bin=; home=; uid=$(id -u);
if [ "$roots" = home ]; then home=$HOME/.cache/pgrun; roots=$home; fi;
for root in $roots; do
 dir=$root/bin/$sum; new=$dir/.new.$$;
 why=$( {
  mkdir -p "$dir" &&
  { [ -O "$root/bin" ] && [ -O "$dir" ] || { echo "$dir belongs to another user"; false; }; } &&
  { [ "$root" = "$home" ] || [ -z "$(others "${root%/*}" "$root" "$root/bin" "$dir")" ] ||
   { echo "somebody else can write to" $(others "${root%/*}" "$root" "$root/bin" "$dir"); false; }; } &&
  gzip -dc <"$upload/pgrun.gz" >"$new" &&
  echo "$sum  $new" | sha256sum -c --quiet - &&
  chmod 0755 "$new" && sync "$new";
 } 2>&1 ) || { rm -f "$new"; tried="$tried $root: $why;"; continue; };
 if [ ! -x "$new" ]; then rm -f "$new"; rmdir "$dir" 2>/dev/null; tried="$tried $root: mounted noexec;"; continue; fi;
 mv -f "$new" "$dir/pgrun" && touch "$dir" && bin=$dir/pgrun && break;
 tried="$tried $root: cannot be moved into place;";
done;
rm -rf "$upload";
if [ -z "$bin" ]; then set -f; echo; echo "$token" failed $tried; exit 0; fi;
find "$dir" -name ".new.*" -mmin +60 -exec rm -f {} +;
n=0; for old in $(ls -1t "$root/bin"); do
 n=$((n + 1));
 if [ "$n" -le 3 ] || [ "$old" = "$sum" ]; then continue; fi;
 case $old in *[!0-9a-f]*) continue;; esac;
 ls -l /proc/[0-9]*/exe 2>/dev/null | grep -q -F "$root/bin/$old/" || rm -rf "$root/bin/$old";
done;
unset SUDO_COMMAND;
exec "$bin" "$@" "$sum" "$token"`)
}

func oneLine(script string) string {
	return strings.TrimSpace(strings.ReplaceAll(script, "\n", " "))
}
