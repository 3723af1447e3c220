# SPDX-License-Identifier: GPL-2.0
# The direction of includes. Reads "FILE:LINE:#include …" (grep -Hn), prints each that points the
# wrong way; the exit status is 1 if there was one. A file belongs to a zone by its folder, and a
# zone may include only what stands in its row, and itself.

BEGIN {
	FS = ":"
	allow("include", "vmlinux")
	allow("bpf-pure", "include libbpf vmlinux")
	allow("bpf-state", "include libbpf bpf-pure")
	allow("bpf-entry", "include libbpf bpf-pure bpf-state")
	allow("base", "include")
	allow("catalogue", "include base")
	allow("config", "include base catalogue")
	allow("policy", "include base catalogue config")
	allow("report", "include base catalogue")
	allow("voice", "include base")
	allow("kernel", "include base catalogue config policy report voice libbpf skeleton")
	allow("command", "include base catalogue config policy report voice kernel")
	allow("main", "include base command generated")
	# The datapath's headers without maps, helpers and context: they compile on the host too.
	split("kernel span packet parse service dscp rtp rtp_clock window stream", words, " ")
	for (i in words)
		pure["bpf/" words[i] ".h"] = 1
}

function allow(zone, targets,    parts, i)
{
	known[zone] = 1
	may[zone, zone] = 1
	split(targets, parts, " ")
	for (i in parts)
		may[zone, parts[i]] = 1
}

function zone_of(path,    parts)
{
	if (path in pure)
		return "bpf-pure"
	if (path ~ /^bpf\/.*\.bpf\.c$/)
		return "bpf-entry"
	split(path, parts, "/")
	if (parts[1] == "bpf")
		return "bpf-state"
	if (parts[1] == "include" || parts[1] == "tests" || parts[1] == "vmlinux")
		return parts[1]
	if (path == "user/main.c")
		return "main"
	if (parts[1] == "user")
		return parts[2]
	return "nowhere"
}

# The zone that an include names; "" for the system's own headers.
function target_of(file, quoted, name,    parts, folder)
{
	if (name ~ /^agfeo\//)
		return "include"
	if (name ~ /\.skel\.h$/)
		return "skeleton"
	if (name == "vmlinux.h")
		return "vmlinux"
	if (name == "commands.h")
		return "generated"
	if (name ~ /^bpf\//)
		return quoted ? zone_of(name) : "libbpf"
	if (name ~ /(^|\/)(tests|lib|unit|prog|e2e)\//)
		return "tests"
	if (!quoted)
		return ""
	folder = file
	sub(/\/[^\/]*$/, "", folder)
	if (name !~ /\//)
		return zone_of(folder "/" name)
	split(name, parts, "/")
	return (parts[1] in known) ? parts[1] : "nowhere"
}

{
	file = $1
	line = $2
	name = $0
	if (!match(name, /["<][^">]+[">]/))
		next
	quoted = substr(name, RSTART, 1) == "\""
	name = substr(name, RSTART + 1, RLENGTH - 2)
	zone = zone_of(file)
	target = target_of(file, quoted, name)

	if (zone == "tests" || target == "")
		next
	if (zone == "command" && name ~ /(^|\/)cmd_/)
		complain(file, line, "a command may not include another: " name)
	else if (!((zone, target) in may))
		complain(file, line, zone " may not include " target ": " name)
}

function complain(file, line, text)
{
	print file ":" line ": " text
	wrong = 1
}

END {
	exit wrong
}
