-- Reads how a broadcast stands.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  its number
-- Returns nothing if there is none; else the time, how many are queued, and the fields of its state with their values
-- A script because the numbers belong to one moment.
local fields = call('HGETALL', broadcast_key(ARGV[1], 'state'))
if not fields[1] then
  return {}
end
return { string.format('%.0f', now), call('ZCARD', broadcast_key(ARGV[1], 'window')), unpack(fields) }
