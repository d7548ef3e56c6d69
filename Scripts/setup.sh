#!/usr/bin/env bash
# Installs the libraries that Vignette builds against, where they are missing.
set -euo pipefail

debian_packages=(libdnnl-dev libjpeg-dev libwebp-dev zlib1g-dev libssl-dev pkg-config
  libtiff-dev libavif-dev libheif-dev libjxl-dev)
brew_packages=(onednn jpeg-turbo webp zlib pkg-config libtiff libavif libheif jpeg-xl)

if ! command -v swift >/dev/null; then
  echo "Vignette needs Swift 6.2 or newer: https://www.swift.org/install" >&2
  exit 1
fi

if [ "$(uname)" = Darwin ]; then
  missing=()
  for package in "${brew_packages[@]}"; do
    brew list --versions "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    echo "missing: run  brew install ${missing[*]}" >&2
    exit 1
  fi
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "On this system, install what corresponds to Debian's ${debian_packages[*]}." >&2
  exit 1
fi

missing=()
for package in "${debian_packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "installing ${missing[*]}"
# An old package list may name versions that are no longer served.
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
