-- Removes what is left of a queue that nobody uses and that holds nothing: no message but those that have ended, no callback that is owed,
-- no pause. These are its counters, virtual times and names of chats; all else has gone with what was in it, or has a TTL.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  1 for how long nothing may have been accepted or leased, microseconds: a worker that is late could still settle it, which counts
-- Returns 1 if nothing is left, else 0
-- Atomic because a message is always in one of these places, and moves between them.
local places = { DELAYED_SET, DEAD_SET, UNKNOWN_SET, OWED_SET, WAITING, LEASED_SET, PAUSED }
for i = 0, #READY do
  places[#places + 1] = READY[i]
end
if call('EXISTS', unpack(places)) > 0 then
  return { 0 }
end
local fields = call('HMGET', STATE, 'depth:v', 'depth:h', 'depth:n', 'depth:l',
  'paused', 'paused:v', 'paused:h', 'paused:n', 'paused:l')
for i = 1, 9 do
  if (tonumber(fields[i]) or 0) > 0 then
    return { 0 }
  end
end
if (tonumber(call('HGET', STATE, 'last')) or 0) + tonumber(ARGV[1]) >= now then
  return { 0 }
end
call('UNLINK', STATE, ALIASES)
return { 1 }
