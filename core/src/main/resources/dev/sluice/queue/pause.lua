-- Pauses or resumes.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  1 to pause, 0 to resume; bot, chat, or a rank's letter; for a chat its lane
-- Returns 1
-- Atomic because a chat must not be claimed by a place that it had before. What waits or is leased stays there and finds
-- the pause when it comes back.
local on, scope, lane = ARGV[1] == '1', ARGV[2], ARGV[3]
lanes_open(true)
lane = lane_now(lane)
if scope ~= 'chat' then
  local field = scope == 'bot' and 'paused' or 'paused:' .. scope
  if on then
    call('HSET', STATE, field, 1)
  else
    call('HDEL', STATE, field)
  end
elseif on then
  call('ZADD', PAUSED, 'NX', now, lane)
  local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
  if head[1] then
    local rank, send = kind_of(head[1], tonumber(head[2]))
    call('ZREM', READY[rank * 3 + send], lane)
  end
elseif call('ZREM', PAUSED, lane) == 1
  and not call('ZSCORE', LEASED_SET, lane) and not call('ZSCORE', WAITING, lane) then
  any_paused = false
  lane_joins(lane)
end
if not on then
  lanes_announce()
end
lanes_close()
return { 1 }
