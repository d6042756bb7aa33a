package modules

import "strings"

// VersionMatches says whether a version is the wanted one. A trailing * in
// what is wanted stands for any end.
func VersionMatches(wanted, version string) bool {
	if prefix, ok := strings.CutSuffix(wanted, "*"); ok {
		return strings.HasPrefix(version, prefix)
	}
	return wanted == version
}

// ArchiveName is the name that apt gives a package's file in its archive.
func ArchiveName(name, version, arch string) string {
	return name + "_" + strings.ReplaceAll(version, ":", "%3a") + "_" + arch + ".deb"
}
