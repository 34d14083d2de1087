-- Counts. KEYS: what the queue's names start with; what its limits' start with.
-- Returns the sizes of delayed, leased, dead, unknown and paused, the number of the oldest message that was found in a lane or -1,
-- then the state's fields and their values.
-- A script because the numbers belong to one moment. For the oldest a bounded number of lanes is looked at, so that it costs the same
-- whatever waits; as long as there are no more in each place it is exact.
local LOOKED_AT = 16

local oldest = math.huge
local function lane_oldest(lane)
  local heads = call('ZRANGE', LANE .. lane, 0, 1, 'WITHSCORES')
  oldest = min(oldest, tonumber(heads[1]) or math.huge)
  if heads[3] then
    -- What is in front may be younger than those behind it, of its own rank or of a lower one.
    for rank = 0, 3 do
      local first = call('ZRANGEBYSCORE', LANE .. lane, rank * RANK, rank * RANK + RANK - 1, 'LIMIT', 0, 1)
      oldest = min(oldest, tonumber(first[1]) or math.huge)
    end
  end
end
local places = { WAITING, LEASED_SET, PAUSED }
for i = 0, 11 do
  places[4 + i] = READY[i]
end
for _, place in ipairs(places) do
  for _, lane in ipairs(call('ZRANGE', place, 0, LOOKED_AT - 1)) do
    lane_oldest(lane)
  end
end

local reply = {
  call('ZCARD', DELAYED_SET), call('ZCARD', LEASED_SET), call('ZCARD', DEAD_SET), call('ZCARD', UNKNOWN_SET),
  call('ZCARD', PAUSED), oldest == math.huge and -1 or string.format('%.0f', oldest),
}
for i, value in ipairs(call('HGETALL', STATE)) do
  reply[6 + i] = value
end
return reply
