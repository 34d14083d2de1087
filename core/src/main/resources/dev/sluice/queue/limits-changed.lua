-- Lets what waits for a limit be asked again at once, since the limits have changed. What is between two attempts goes on waiting.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  where to go on looking: 0 at first; how many chats to look at
-- Returns where to go on, 0 at the end
-- A script because a chat that is claimed meanwhile must not be put back. A chat that is parked is denied again. The queue's turns
-- before waiting calls are as far apart as the old limit said; they begin anew.
lanes_open(true)
local found = call('ZSCAN', WAITING, ARGV[1], 'COUNT', ARGV[2])
for i = 1, #found[2], 2 do
  local lane = found[2][i]
  local number = call('ZRANGE', LANE .. lane, 0, 0)[1]
  local head = number and call('GETRANGE', MESSAGE .. number, 0, 0)
  if head and head ~= '' and string.byte(head) ~= RETRYING and tonumber(found[2][i + 1]) > now then
    call('ZADD', WAITING, 'XX', 0, lane)
  end
end
for i, owed in ipairs(call('HMGET', STATE, 'owed', 'owed:p', 'owed:r')) do
  if owed and tonumber(owed) > now then
    call('HSET', STATE, ({ 'owed', 'owed:p', 'owed:r' })[i], string.format(WHOLE, now))
  end
end
lanes_close()
return { found[1] }
