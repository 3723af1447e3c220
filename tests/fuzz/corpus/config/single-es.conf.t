# One older system and its telephones behind a router; the box stands between LAN and router.
[site]
name     = shop
networks = 192.168.1.0/24

[interface lan0]
role = voice

[interface wan0]
role  = uplink
local = tcp 22, udp 51820

[provider telekom]
networks = 217.0.0.0/13, 2003::/19

[device es]
model        = es-6xx
address      = 192.168.1.250
channels     = 4
sip-accounts = 2
provider     = telekom

[device phones]
model    = t14-sip
address  = 192.168.1.32/28
provider = telekom
