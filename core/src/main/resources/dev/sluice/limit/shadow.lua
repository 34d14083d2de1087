-- Library, after decision.lua: limits in shadow mode, which decide and hold nobody back.

-- As bucket_decide, but for what is asked with 2 in place of 1 for an overdraft: who would be denied by a limit, or by a turn, passes
-- uncharged; a park denies. Returns then also which of the buckets would have denied it longest, and bucket_pass is to be called.
local function bucket_decide_shadowed(raws, asked, now, shared, shared_since, since)
  if string.byte(asked, 9) ~= 2 then
    return bucket_decide(raws, asked, now, shared, shared_since, since)
  end
  local process, rest = sub(asked, 1, 8), sub(asked, 10)
  local denial, values, ttls, remaining = bucket_decide(raws, process .. '\0' .. rest, now, shared, shared_since, since)
  if not denial or denial.cause == 'PARK' then
    return denial, values, ttls, remaining
  end
  local parked = bucket_decide(raws, process .. '\1' .. rest, now, shared, shared_since, since)
  if parked then
    return parked
  end
  return nil, {}, {}, {}, denial.limiting
end

-- Charges nothing. Appends to the reply: 2, the time of the decision, the position of the bucket that would have denied it.
local function bucket_pass(shadowed, now, reply)
  local at = #reply
  reply[at + 1], reply[at + 2], reply[at + 3] = 2, now, shadowed
  return reply
end
