#!/usr/bin/env bash
# Makes a Debian package of what `make build` made.
# usage: deb.sh OUTPUT-FOLDER
set -euo pipefail
output=$1
if ! command -v dpkg-shlibdeps >/dev/null; then
  echo "making a Debian package takes dpkg-dev: apt-get install dpkg-dev" >&2
  exit 1
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
Scripts/install.sh install "$root/package/usr" >/dev/null
gzip -9n "$root/package/usr/share/man/man1/vignette.1"
# Debian's folder for zsh completions of packages.
mkdir -p "$root/package/usr/share/zsh/vendor-completions" "$root/package/usr/share/doc/vignette"
mv "$root/package/usr/share/zsh/site-functions/_vignette" "$root/package/usr/share/zsh/vendor-completions/"
rmdir "$root/package/usr/share/zsh/site-functions"
cp LICENSE "$root/package/usr/share/doc/vignette/copyright"

version=$("$root/package/usr/bin/vignette" --version)
architecture=$(dpkg --print-architecture)

# Which packages hold the libraries, and from which version on.
mkdir -p "$root/debian"
touch "$root/debian/control"
depends=$(cd "$root" && dpkg-shlibdeps -O --ignore-missing-info package/usr/bin/vignette 2>/dev/null)
depends=${depends#shlibs:Depends=}

mkdir -p "$root/package/DEBIAN"
cat >"$root/package/DEBIAN/control" <<CONTROL
Package: vignette
Version: $version
Architecture: $architecture
Maintainer: The Vignette authors <vignette@localhost>
Installed-Size: $(du -sk "$root/package" | cut -f1)
Depends: $depends
Section: graphics
Priority: optional
Description: caption images with vision encoder-decoder models
 Captions images, trains captioners and measures their captions, with the
 checkpoint folders of Hugging Face Transformers and no Python.
CONTROL
package="$output/vignette_${version}_$architecture.deb"
dpkg-deb --root-owner-group --build "$root/package" "$package" >/dev/null
echo "$package"
