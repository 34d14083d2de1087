-- Changes one message.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  which change; the message's number; microseconds to keep what has ended
-- Returns what became of it, as changes.lua says
-- Atomic because a message may be leased, or settled, or found by its digest at the same moment.
lanes_open(true)
local m = message_find(ARGV[2])
local became = m and changes[ARGV[1]](ARGV[2], m, tonumber(ARGV[3])) or 4
lanes_announce()
lanes_close()
return { became }
