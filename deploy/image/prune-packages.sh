#!/bin/sh
# Takes out of installed packages what no program loads at run time. A test starts every program on what is left, and
# imports every package that the sources name.
#   prune-packages.sh DIRECTORY    a node_modules
set -eu
cd "$1"

# Source maps: Node reads them only with --enable-source-maps. 84 MB.
find . -type f -name '*.map' -delete
# Types of packages: for compilers. 34 MB.
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete
# Pages for people. Licences stay: they must go with the code. 4 MB.
find . -type f \( -iname '*.md' -o -iname '*.markdown' \) ! -iname '*licen[sc]e*' ! -iname '*notice*' -delete
# Tests of packages. 5 MB.
find . -type d \( -name test -o -name tests -o -name __tests__ \) -prune -exec rm -rf {} +
# The TypeScript that zod is built from. 3 MB.
rm -rf zod/src
# What @sentry/node depends on for bundlers of web pages, a command line of 22 MB among it; the SDK loads none of it.
rm -rf sentry @sentry/bundler-plugins oxc-parser @oxc-parser @oxc-project
# The command line of mjml, and what it minifies pictures with; publishing uses neither. 8 MB.
rm -rf mjml-cli svgo
# Builds of swagger-ui for bundlers; the page of the API loads the plain one. 2 MB.
rm -f swagger-ui-dist/swagger-ui-es-bundle.js swagger-ui-dist/swagger-ui-es-bundle-core.js
