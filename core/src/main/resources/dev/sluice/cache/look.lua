-- Reads a value, or takes the lease to load it, in one step: of any number who find none, one loads.
-- KEYS  1 the value, 2 the lease
-- ARGV  1 a new fence, 2 the lease's length in microseconds, 3 how many times its loading time before its end a value is to be renewed,
--       4 for how long a value holds at most, in microseconds
-- Returns what is to be done, the value or '', how long it still holds in microseconds, how long somebody else's lease does:
--   'keep' the value holds; 'renew' likewise, and the caller has the lease to load it again; 'load' the caller has the lease, and an old
--   value if any; 'wait' somebody else has it
-- A clock that was set back makes all last longer: what lasts longer than anything that is written here is over. A lease is given as much again, since a
-- small step must not let two load.
local fence, length, ahead, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local raw = redis.call('GET', entry)
local left = 0
if raw then
  local ends, took = string.match(raw, '^(%d+) (%d+) [vn]\n')
  if ends then
    left = tonumber(ends) - now
    left = left > longest and 0 or left
  else
    -- Somebody else's: nothing that is known here.
    raw = nil
  end
  if left > 0 and left > tonumber(took) * ahead then
    return { 'keep', raw, left, 0 }
  end
end
local owner, ends, waited = lease_of(redis.call('GET', lease))
if owner and ends > now and ends <= now + 2 * length then
  if left > 0 then
    return { 'keep', raw, left, 0 }
  end
  if waited == '0' then
    keep_lease(owner, ends, '1')
  end
  return { 'wait', raw or '', left, ends - now }
end
keep_lease(fence, now + length, '0')
return { left > 0 and 'renew' or 'load', raw or '', left, 0 }
