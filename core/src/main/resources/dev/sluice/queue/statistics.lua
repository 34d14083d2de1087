-- Counts. KEYS: what the queue's names start with; what its limits' start with.
-- Returns the sizes of delayed, leased, dead, unknown and paused, then the state's fields and their values.
-- A script because the numbers belong to one moment.
local reply = {
  call('ZCARD', DELAYED_SET), call('ZCARD', LEASED_SET), call('ZCARD', DEAD_SET), call('ZCARD', UNKNOWN_SET),
  call('ZCARD', PAUSED),
}
for i, value in ipairs(call('HGETALL', STATE)) do
  reply[5 + i] = value
end
return reply
