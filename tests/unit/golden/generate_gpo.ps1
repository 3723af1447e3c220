# DE: QoS-Richtlinien fuer AGFEO VISOfon unter Windows, Standort 'B__ro 1'.
# EN: QoS policies for AGFEO VISOfon on Windows, site 'B__ro 1'.
#
# DE: Als Administrator ausfuehren; wiederholbar. Ohne -PolicyStore gilt es fuer
#     diesen Rechner; fuer die Domaene: -PolicyStore 'GPO:DOMAENE\GPO-NAME'
# EN: Run as administrator, as often as you like. Without -PolicyStore it is for this
#     computer; for the domain: -PolicyStore 'GPO:DOMAIN\GPO-NAME'
#
# DE: Programm pruefen! VISOfon ist ein Teil des AGFEO Dashboards. Bei laufendem
#     Gespraech zeigt dies den Namen; ein falscher Name markiert nichts:
# EN: Check the program! VISOfon is a part of AGFEO Dashboard. During a call this
#     shows its name; a wrong name marks nothing:
#     Get-Process -Id (Get-NetUDPEndpoint).OwningProcess | Sort-Object Path -Unique |
#         Format-Table Name, Path
#
# DE: Rechner ohne Domaene markieren nichts, bis Windows die Netzwerkerkennung (NLA)
#     dabei uebergeht; danach neu starten:
# EN: Computers outside a domain mark nothing until Windows leaves network location
#     awareness (NLA) out of it; restart afterwards:
#     New-Item -Path 'HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip\QoS' -Force
#     New-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Services\Tcpip\QoS' -Name 'Do not use NLA' -PropertyType String -Value '1' -Force
#
# DE: Was hier nicht mehr vorkommt, bleibt stehen: ansehen und entfernen mit
# EN: What is no longer named here stays: look at it and remove it with
#     Get-NetQosPolicy -PolicyStore $PolicyStore | Where-Object Name -like 'AGFEO *'
#     Remove-NetQosPolicy -Name NAME -PolicyStore $PolicyStore

param(
    [string]$Program = 'visofon.exe',
    [string]$PolicyStore = $env:COMPUTERNAME
)

# pbx: AGFEO ES PURE IP X IT
# RTP: UDP 5204-5235 (1.3), DSCP 46
Remove-NetQosPolicy -Name 'AGFEO VISOfon RTP pbx 1' -PolicyStore $PolicyStore -Confirm:$false -ErrorAction SilentlyContinue
New-NetQosPolicy -Name 'AGFEO VISOfon RTP pbx 1' -PolicyStore $PolicyStore -AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP -IPDstPrefixMatchCondition '192.168.10.2' -IPDstPortStartMatchCondition 5204 -IPDstPortEndMatchCondition 5235 -DSCPAction 46 -NetworkProfile All
Remove-NetQosPolicy -Name 'AGFEO VISOfon RTP pbx 2' -PolicyStore $PolicyStore -Confirm:$false -ErrorAction SilentlyContinue
New-NetQosPolicy -Name 'AGFEO VISOfon RTP pbx 2' -PolicyStore $PolicyStore -AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP -IPDstPrefixMatchCondition 'fd00:10::2' -IPDstPortStartMatchCondition 5204 -IPDstPortEndMatchCondition 5235 -DSCPAction 46 -NetworkProfile All
# SIP: UDP 5060 (1.2), DSCP 24
Remove-NetQosPolicy -Name 'AGFEO VISOfon SIP pbx 1' -PolicyStore $PolicyStore -Confirm:$false -ErrorAction SilentlyContinue
New-NetQosPolicy -Name 'AGFEO VISOfon SIP pbx 1' -PolicyStore $PolicyStore -AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP -IPDstPrefixMatchCondition '192.168.10.2' -IPDstPortMatchCondition 5060 -DSCPAction 24 -NetworkProfile All
Remove-NetQosPolicy -Name 'AGFEO VISOfon SIP pbx 2' -PolicyStore $PolicyStore -Confirm:$false -ErrorAction SilentlyContinue
New-NetQosPolicy -Name 'AGFEO VISOfon SIP pbx 2' -PolicyStore $PolicyStore -AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP -IPDstPrefixMatchCondition 'fd00:10::2' -IPDstPortMatchCondition 5060 -DSCPAction 24 -NetworkProfile All

# module: AGFEO LM 510
# RTP: UDP 5004-5035 (1.3), DSCP 46
Remove-NetQosPolicy -Name 'AGFEO VISOfon RTP module 1' -PolicyStore $PolicyStore -Confirm:$false -ErrorAction SilentlyContinue
New-NetQosPolicy -Name 'AGFEO VISOfon RTP module 1' -PolicyStore $PolicyStore -AppPathNameMatchCondition $Program -IPProtocolMatchCondition UDP -IPDstPrefixMatchCondition '192.168.10.24' -IPDstPortStartMatchCondition 5004 -IPDstPortEndMatchCondition 5035 -DSCPAction 46 -NetworkProfile All
