-- Library, after buckets.lua: which messages of the queue go before a call to their chat. The call is in no lane; its place is
-- the one that a message of its priority would have had that was accepted when the call came.
--   lane, chat: the lane's key, which exists, and its chat
--   rank: 1 high, 2 normal, 3 low
--   since: when the call came
-- Returns how many are before it, and whether one is under way to Telegram. What a pause by hand holds is before nobody: a
-- pause is the queue's, and calls go on.
local function lane_ahead(lane, chat, rank, since)
  local call, queue = redis.call, sub(lane, 1, #lane - #chat - 5) -- what the names of all the queue's keys start with
  local EPOCH, RANK, FRONT, HELD = 1735689600000000, 2251799813685248, -9007199254740992, -7881299347898368 -- as in lanes.lua
  local head = call('ZRANGE', lane, 0, 0, 'WITHSCORES')
  local place = tonumber(head[2])
  local in_front = place < HELD
  local letter = math.floor(in_front and (place - FRONT) % 16 / 3 or (place - (tonumber(head[1]) - EPOCH) * 4) / RANK) + 1
  local under_way = in_front and call('ZSCORE', queue .. 'leased', chat)
  local paused = call('HMGET', queue .. 'state', 'paused', 'paused:' .. sub('vhnl', letter, letter))
  if paused[1] or paused[2] or call('ZSCORE', queue .. 'paused', chat) then
    return 0, under_way
  end
  local mine = string.format('%.0f', rank * RANK + (since - EPOCH) * 4)
  local ahead = call('ZCOUNT', lane, string.format('%.0f', HELD), mine)
  return in_front and not under_way and ahead + 1 or ahead, under_way
end
