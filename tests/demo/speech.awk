# SPDX-License-Identifier: GPL-2.0
# Reads `tcpdump -x` of a G.711 recording and writes, in hexadecimal, a capture of it as one RTP
# stream of 20 ms packets, from its beginning again when it ends: -v seconds=N -v ssrc=HEX.

/^[ \t]+0x/ {
	sub(/^[^:]*:/, "")
	gsub(/[ \t]/, "")
	packet = packet $0
	next
}
{ take() }
END {
	take()
	head()
	for (number = 0; number < seconds * 50; number++)
		frame(number)
}

# IPv4, UDP and RTP headers are 40 bytes.
function take() {
	speech = speech substr(packet, 81)
	packet = ""
}

function little(value, digits) {
	return swap(sprintf("%0" digits "x", value))
}

function swap(hex,    turned, at) {
	for (at = length(hex) - 1; at > 0; at -= 2)
		turned = turned substr(hex, at, 2)
	return turned
}

# pcap, version 2.4, Ethernet
function head() {
	print "d4c3b2a1" "02000400" "00000000" "00000000" little(65535, 8) little(1, 8)
}

function frame(number,    time, octets, begin) {
	octets = 160
	time = number * 20
	begin = 1 + (number * octets * 2) % (length(speech) - octets * 2)
	print little(int(time / 1000), 8) little((time % 1000) * 1000, 8) \
		little(14 + 40 + octets, 8) little(14 + 40 + octets, 8) \
		"020000000002" "020000000001" "0800" \
		sprintf("4500%04x00004000401100007f0000017f000001", 40 + octets) \
		sprintf("13881388%04x0000", 20 + octets) \
		sprintf("%s%04x%08x%s", number ? "8008" : "8088", number + 1000, number * octets, ssrc) \
		substr(speech, begin, octets * 2)
}
