-- Changes the dead letters or unknown messages that match, of a bounded number that is looked at; or lists them.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  dead or unknown; which change, or list; after which entry to begin; from and until which to look (ends as ZRANGEBYSCORE
--       takes them); lane or ''; reason or ''; how many to list at most; how many to look at; microseconds to keep what has ended
-- Returns where to go on or -1; how many were changed; in a list per message its number and its record
-- Atomic because each message may be settled or changed at the same moment. In steps, since Redis serves nobody meanwhile.
local set, change, cursor, from, till, lane, reason = queue .. ARGV[1], unpack(ARGV, 2, 7)
local most, looks, keep = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])

local function last_reason(log)
  local at, found = 1, ''
  while at <= #log do
    found = read('<Bc0', log, at + 8)
    at = at + 9 + #found
  end
  return found
end

if tonumber(cursor) > 0 and tonumber(cursor) >= (tonumber(from) or 0) then
  from = '(' .. cursor
end
lanes_open(true)
lane = lane_now(lane)
local numbers = call('ZRANGEBYSCORE', set, from, till, 'WITHSCORES', 'LIMIT', 0, looks)
local reply, changed, seen = { '-1', 0 }, 0, 0
while seen < #numbers and changed < most do
  local number = numbers[seen + 1]
  seen = seen + 2
  local readable, m = pcall(message_find, number) -- what another program wrote, or cut, holds no other up
  if readable and m and RANKS[m.rank] and (lane == '' or lane_now(m.lane) == lane) and (reason == '' or last_reason(m.log) == reason) then
    changed = changed + 1
    if change == 'list' then
      reply[#reply + 1] = number
      reply[#reply + 1] = m.raw
    else
      changes[change](number, m, keep)
    end
  end
end
if seen < #numbers or #numbers == looks * 2 then
  reply[1] = numbers[seen]
end
if change ~= 'list' and changed > 0 then
  lanes_announce()
end
lanes_close()
reply[2] = changed
return reply
