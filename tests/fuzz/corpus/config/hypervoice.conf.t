# 160 channels, pools of telephones by kind, a door station, dial-in software; IPv4 and IPv6.
[site]
name      = headquarters
networks  = 10.20.0.0/16, fd20::/48
unknown   = drop
resolvers = 10.20.0.53, fd20::53
new-flows = 200
flows     = 262144

[interface voice.20]
role    = voice
forward = fast

[interface ppp0]
role = uplink
xdp  = generic

[provider sipgate]
networks = 217.10.64.0/20, 217.116.112.0/20, 2001:ab7::/32

[provider easybell]
networks = 212.172.58.0/24, 195.185.37.0/24

[device hypervoice]
model    = hypervoice
address  = 10.20.0.2, fd20::2
mac      = 00:09:40:aa:bb:cc
provider = sipgate, easybell
enable   = mqtt-broker, syslog
disable  = mqtt-client

[device t17]
model    = t17-sip
address  = 10.20.1.0/24, fd20:0:0:1::/64
provider = sipgate, easybell

[device dect]
model    = dect-ip
address  = 10.20.2.10, 10.20.2.11, 10.20.2.12
provider = sipgate, easybell

[device systel]
model    = asip
address  = 10.20.3.0/25
provider = sipgate, easybell

[device door]
model     = ip-video-tfe
address   = 10.20.4.2
rtp-ports = 7078-7097
provider  = sipgate, easybell
quality   = off

[device softphones]
model     = visofon
address   = 10.20.8.0/23
rtp-ports = 65100-65120
sip-ports = 60104
provider  = sipgate, easybell

[device tool]
model   = werkzeug
address = 10.20.10.200
enable  = dect-update
mode    = monitor

[qos]
voice      = ef
signalling = cs3
others     = bleach

[export]
interval = 1m
