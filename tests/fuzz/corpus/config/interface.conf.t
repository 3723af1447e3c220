# The example of the public interface, word for word.
[site]
name     = office
networks = 192.168.10.0/24, 192.168.20.0/24, fd00:10::/64   ; default: RFC 1918, RFC 4193, link-local
mode     = enforce          ; enforce | monitor (judge and count, drop and re-mark nothing)
cloud    = names            ; names (only the AGFEO hosts, by DNS) | any
unknown  = pass             ; hosts that are no listed device: pass | drop

[interface lan0]
role = voice                ; voice: faces devices | uplink: faces provider and internet
forward = kernel            ; kernel | fast (routed known flows bypass the stack; see DESIGN 5)
xdp  = auto                 ; auto (native, else generic with a warning) | native | generic

[provider sipgate]
networks = 217.10.64.0/20, 217.116.112.0/20

[device pbx]
model        = es-pure-ip-x-it
address      = 192.168.10.2, fd00:10::2     ; hosts or prefixes (a pool of like phones)
mac          = 00:09:40:12:34:56            ; optional: packets claiming the address from another MAC are dropped
channels     = 16                           ; RTP range narrows to 2 ports a call: 5204-5235
sip-accounts = 4                            ; SIP client range narrows to 2 ports an account: 5064-5071
provider     = sipgate                      ; whom SIP client and RTP may talk to outside the site
enable       = mqtt-broker, sip-tcp         ; the catalogue's optional services
disable      = tapi
allow        = in tcp 8080 from site        ; extra rule: DIRECTION PROTO PORTS from|to SCOPE

[device softphones]
model     = visofon
address   = 192.168.20.64/27
rtp-ports = 65100-65120                     ; where the model leaves it open
sip-ports = 60104

[qos]
voice      = ef             ; DSCP name or number, or keep
signalling = keep
others     = keep           ; keep | bleach (EF from what is no voice becomes CS0)

[export]
textfile = /var/lib/prometheus/node-exporter/agfeo.prom
interval = 15s
