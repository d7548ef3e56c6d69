#!/usr/bin/env bash
# Puts what `make build` made below a folder, or takes it away again.
# usage: install.sh install|uninstall FOLDER
set -euo pipefail
action=$1 prefix=$2
program=.build/release/vignette accessories=.build/accessories

# From, to, mode.
files=(
  "$program bin/vignette 755"
  "$accessories/vignette.bash share/bash-completion/completions/vignette 644"
  "$accessories/vignette.zsh share/zsh/site-functions/_vignette 644"
  "$accessories/vignette.fish share/fish/vendor_completions.d/vignette.fish 644"
  "$accessories/vignette.1 share/man/man1/vignette.1 644"
)

case $action in
  install)
    for entry in "${files[@]}"; do
      read -r source _ <<<"$entry"
      if [ ! -f "$source" ]; then
        echo "$source is missing: run  make build  first" >&2
        exit 1
      fi
    done
    for entry in "${files[@]}"; do
      read -r source target mode <<<"$entry"
      install -D -m "$mode" "$source" "$prefix/$target"
    done
    # Without its symbols the program is half as large.
    if [ "$(uname)" = Darwin ]; then strip -x "$prefix/bin/vignette"; else strip "$prefix/bin/vignette"; fi
    echo "installed: $prefix/bin/vignette"
    ;;
  uninstall)
    for entry in "${files[@]}"; do
      read -r _ target _ <<<"$entry"
      rm -f "$prefix/$target"
    done
    ;;
  *)
    echo "usage: $0 install|uninstall FOLDER" >&2
    exit 64
    ;;
esac
