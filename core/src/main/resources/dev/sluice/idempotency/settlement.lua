-- Library, after claims.lua: the end of a claim, and what keeps it from ending.

-- Writes the end of a claim. fence, keep: numbers; action: C F H U, or R to release. Returns 1, or 0 if the fence is
-- no longer the holder's: then nothing was written. The same settlement again (its reply was lost) is 1 as well,
-- while its record is there. A result that waits to be handed over may still be released.
local function claim_settle(key, raw, fence, action, result, keep, now)
  local record = claim_read(raw, now)
  if not record or record.fence ~= fence then return 0 end
  local revoked = record.state == 'H' and action == 'R'
  if record.state ~= 'P' and not revoked then
    -- An unknown record's payload is no result but its holder, if it was abandoned.
    return record.state == action and (action == 'U' or record.payload == result) and 1 or 0
  end
  if action == 'R' then
    redis.call('DEL', key)
  else
    local ends = now + keep
    claim_write(key, record, now, ends, action, fence, ends, record.fingerprint, result)
  end
  return 1
end

-- Writes a new lease, microseconds from now. Returns 1, or 0 as claim_settle does.
local function claim_renew(key, raw, fence, lease, now)
  local record = claim_read(raw, now)
  if not record or record.fence ~= fence or record.state ~= 'P' then return 0 end
  local deadline = now + lease
  claim_write(key, record, now, deadline + claim_tail(record.keep), 'P', fence, deadline, record.fingerprint,
    record.payload)
  return 1
end

-- Deletes a claim that its holder asked for without hearing the answer, and which it has not acted on. Returns 1, or 0 if
-- there is none of this holder.
local function claim_withdraw(key, raw, holder, now)
  local record = claim_read(raw, now)
  if not record then return 0 end
  local held_by = record.state == 'P' and record.holder or record.state == 'U' and record.payload
  if held_by ~= holder then return 0 end
  redis.call('DEL', key)
  return 1
end
