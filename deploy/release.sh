#!/usr/bin/env bash
# Makes the files of a release from the current commit, and publishes nothing.
#
# usage: release.sh prepare          moves [Unreleased] of CHANGELOG.md to the version of pom.xml and today's date;
#                                    commit the result
#        release.sh build [folder]   the jar, its SBOM, the context of the image, SHA256SUMS; target/release by default
#        release.sh check [folder]   builds the same commit again, elsewhere, and compares
#
# The same commit and the same JDK are meant to give the same bytes, whatever the machine, the folder, the time and the
# branch: the sources are a clone of the commit, and every time in the files is that of the commit. Neither tests nor the
# check of the format run: ./mvnw verify.
set -euo pipefail
export TZ=UTC LC_ALL=C
umask 022

name=fustor-source-mysql
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    echo "release.sh: $1" >&2
    exit 1
}

version() {
    sed -n "/<artifactId>$name</{n;s,.*<version>\(.*\)</version>.*,\1,p;}" "$root/pom.xml"
}

prepare() {
    local version
    version=$(version)
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "pom.xml has the version $version, which cannot be released"
    grep -q '^## \[Unreleased\]$' "$root/CHANGELOG.md" || fail "CHANGELOG.md has no section [Unreleased]"
    ! grep -qF "## [$version]" "$root/CHANGELOG.md" || fail "CHANGELOG.md has a section [$version] already"
    sed -i "s/^## \[Unreleased\]\$/&\n\n## [$version] - $(date +%F)/" "$root/CHANGELOG.md"
    echo "CHANGELOG.md: $version of today. Commit it, then: release.sh build"
}

# The files of the release, into a folder.
build() (
    folder=$1
    version=$(version)
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "pom.xml has the version $version, which cannot be released"
    [[ -z $(git -C "$root" status --porcelain) ]] || fail "there are changes that are not committed"
    grep -qE "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}\$" "$root/CHANGELOG.md" \
        || fail "CHANGELOG.md has no section [$version] with a date: release.sh prepare"
    commit=$(git -C "$root" rev-parse HEAD)
    time=$(git -C "$root" show -s --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd "$commit")
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT

    # A clone without a branch: git.properties names the commit in its place.
    git clone -q --no-checkout "$root" "$work/source"
    git -C "$work/source" checkout -q --detach "$commit"
    (cd "$work/source" && ./mvnw -B -ntp -q -Prelease -Dmaven.test.skip -Dspotless.check.skip \
        -Dproject.build.outputTimestamp="$time" package)

    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$work/source/target/$name-$version.jar" "$folder/"
    cp "$work/source/target/classes/META-INF/sbom/application.cdx.json" "$folder/$name-$version.cdx.json"
    # What docker build reads. There is no repository in it: a file has the commit that /actuator/info names.
    git -C "$work/source" -c tar.umask=0022 archive --format=tar \
        --add-virtual-file="src/main/resources/git.properties:$(git_properties "$commit" "$time")" \
        "$commit" Dockerfile .dockerignore .mvn mvnw pom.xml src ":(exclude)src/test" examples/browser.js LICENSE \
        | gzip -9n > "$folder/$name-$version-image.tar.gz"
    (cd "$folder" && sha256sum -- "$name-$version"* > SHA256SUMS)
)

git_properties() {
    printf 'git.commit.id=%s\ngit.commit.id.abbrev=%s\ngit.commit.time=%s\ngit.dirty=false\n' "$1" "${1:0:7}" "$2"
}

check() (
    [[ -s $1/SHA256SUMS ]] || fail "there is no $1/SHA256SUMS: release.sh build"
    again=$(mktemp -d)
    trap 'rm -rf "$again"' EXIT
    build "$again"
    diff "$1/SHA256SUMS" "$again/SHA256SUMS" || fail "the files differ"
    (cd "$1" && sha256sum --check --quiet SHA256SUMS) || fail "the files are not those of SHA256SUMS"
    echo "Built twice, the same."
)

case ${1:-} in
    prepare) prepare ;;
    build)
        build "${2:-$root/target/release}"
        cat "${2:-$root/target/release}/SHA256SUMS"
        ;;
    check) check "${2:-$root/target/release}" ;;
    *) sed -n '4,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
