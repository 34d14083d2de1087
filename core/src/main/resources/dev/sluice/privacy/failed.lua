-- Takes note that of what was owed only some families are left to do, unless it was owed anew since: the longer one has failed, the later. One
-- step, or a kill in between would lose them. If it is owed no more, Redis may have lost it while it was tried: they are owed all the same.
-- KEYS  as in levels.lua
-- ARGV  1 which and user as they stand there, 2 until when it was left to who tried, 3 after how long they are tried again at least, 4 at most,
--       5 after how long they are given up, all microseconds; then the families' which
-- Returns those that are given up
local name, least, most, longest = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local lease = lease_of(name)
if lease and lease ~= ARGV[2] then
  return {}
end
must()
redis.call('ZREM', debts_with(name), name)
local user = string.match(name, ':%d+$')
local given_up, is_left = {}, false
for i = 6, #ARGV do
  local one = ARGV[i] .. user
  is_left = is_left or one == name
  local since = tonumber(redis.call('ZSCORE', failing, one) or now)
  if since > now then
    since = now
  end
  if now - since >= longest then
    given_up[#given_up + 1] = ARGV[i]
    redis.call('ZREM', failing, one)
  else
    local delay = math.min(math.max(now - since, least), most)
    redis.call('ZADD', forgetting, string.format(WHOLE, now + delay), one)
    redis.call('ZADD', failing, string.format(WHOLE, since), one)
    redis.call('PEXPIRE', failing, string.format(WHOLE, (longest + FARTHEST_DUE) / 1000))
  end
end
if not is_left then
  redis.call('ZREM', failing, name)
end
return given_up
