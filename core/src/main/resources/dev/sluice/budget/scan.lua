-- Lists a budget's users on one part of Redis, a bounded number of keys at a time.
-- KEYS  two names that are never keys: while their slot is on the move this is refused, rather than run on the other node
-- ARGV  1 the window, 2 where to go on, 0 to begin; 3 pattern of the keys; 4, 5 what stands before and behind a user's id in them;
--       6 about how many keys to look at
-- Returns {0}, if ARGV[1] says nothing of today, and now; else {1, now, where to go on or 0} and per user id, count, rejected, bonus, ends
-- SCAN and no list of its own: a list would lie in another slot than the budgets, and could not be kept in the same step. What it
-- reads lies on this node, since this node has just named it; but for keys of a slot that is on the move, which are left out.
local cursor, pattern, before, behind, about = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local latest = window_end()
if not latest then
  return { 0, now }
end
local found = redis.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', about, 'TYPE', 'string')
local reply = { 1, now, found[1] }
for _, key in ipairs(found[2]) do
  local user = string.sub(key, #before + 1, -#behind - 1)
  local raw = redis.pcall('GET', key)
  -- A key of a slot that is on the move is not read here, and what is not ours is nobody's budget.
  raw = type(raw) == 'string' and string.find(raw, '^%d+ %d+ %d+ %d+$') and raw
  local count, rejected, bonus, ends = counters_of(raw, latest)
  if ends > 0 and string.find(user, '^%d+$') then
    local at = #reply
    reply[at + 1], reply[at + 2], reply[at + 3], reply[at + 4], reply[at + 5] = user, count, rejected, bonus, ends
  end
end
return reply
