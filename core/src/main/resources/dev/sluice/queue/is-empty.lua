-- Asks whether a queue holds nothing at all: no message but those that have ended, no callback that is owed, no pause.
-- KEYS  what the queue's names start with; what its limits' start with
-- Returns 1 or 0
-- Atomic because a message is always in one of these places, and moves between them.
local places = { DELAYED_SET, DEAD_SET, UNKNOWN_SET, OWED_SET, WAITING, LEASED_SET, PAUSED }
for i = 0, 7 do
  places[8 + i] = READY[i]
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
return { 1 }
