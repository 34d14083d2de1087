-- Library: the idempotency record and every step on it.
--
-- Steps of other features put this in front of themselves to claim or settle together with their own work, so every
-- name starts with claim_, nothing here looks at KEYS or ARGV, and each function says whether it writes.
--
-- A record is one string, always under PX:
--   state        1 byte    P processing, C completed, F failed, H completed but handed over once, U unknown
--   fence        8 bytes   double: the number of the claim that opened it
--   deadline     8 bytes   double: P the lease's end, otherwise the record's end; microseconds
--   fingerprint  32 bytes
--   payload      the rest  C F H the result; U the holder if it was abandoned; P a double: how long the claim counts
--                          as unknown once abandoned, 0 if it may be taken over, microseconds; then 8 bytes: who
--                          holds it, so that a claim whose reply was lost can be withdrawn
--
-- Redis' own expiry only collects what is past its end: ends are compared with `now`, to the microsecond.
--
-- Memory full: what replaces a record deletes it first. Redis lets a script go on that has already written, so
-- settling and renewing still work when opening is refused.

-- An abandoned claim that may be taken over stays this long past its lease, so that the next fence exceeds its own
-- even if the clock was set back, and other content under its key is still told apart.
local claim_abandoned_for = 60000000

local claim_words = {C = 'completed', F = 'failed', H = 'handover', U = 'unknown'}

-- How long a processing record outlives its lease.
local function claim_tail(keep)
  return keep > 0 and keep or claim_abandoned_for
end

-- raw: what GET or MGET gave. Returns the record, or nil if there is none or it is past its end. Writes nothing.
local function claim_read(raw, now)
  if not raw then return nil end
  if #raw < 49 then error('not an idempotency record') end
  local state = raw:sub(1, 1)
  local fence, deadline = struct.unpack('>dd', raw, 2)
  local record = {state = state, fence = fence, deadline = deadline, fingerprint = raw:sub(18, 49), payload = raw:sub(50)}
  local ends = deadline
  if state == 'P' then
    record.keep = struct.unpack('>d', record.payload)
    record.holder = record.payload:sub(9)
    ends = deadline + claim_tail(record.keep)
  elseif not claim_words[state] then
    error('not an idempotency record')
  end
  if ends <= now then return nil end
  return record
end

-- Writes. replaces: the live record that goes, or nil. ends: when the record may go; microseconds.
local function claim_write(key, replaces, now, ends, state, fence, deadline, fingerprint, payload)
  if replaces then redis.call('DEL', key) end
  redis.call('SET', key, state .. struct.pack('>dd', fence, deadline) .. fingerprint .. payload,
    'PX', string.format('%.0f', math.max(1, math.ceil((ends - now) / 1000))))
end

-- Returns the verdict: new, processing, completed, failed, handover, unknown, abandoned, mismatch. Writes nothing.
-- After new call claim_open or nothing at all; after any other call claim_take.
local function claim_evaluate(record, fingerprint, now)
  if not record then return 'new' end
  if record.fingerprint ~= fingerprint then return 'mismatch' end
  if record.state ~= 'P' then return claim_words[record.state] end
  if record.deadline > now then return 'processing' end
  if record.keep > 0 then return 'abandoned' end
  return 'new'
end

-- Writes the processing record of a verdict new. lease, keep: microseconds; holder: 8 bytes. Returns the fence as text.
local function claim_open(key, record, fingerprint, now, lease, keep, holder)
  local fence = record and math.max(now, record.fence + 1) or now
  local deadline = now + lease
  claim_write(key, record, now, deadline + claim_tail(keep), 'P', fence, deadline, fingerprint,
    struct.pack('>d', keep) .. holder)
  return string.format('%.0f', fence)
end

-- Writes what a verdict other than new entails: handover deletes the record, so that exactly one twin gets it;
-- abandoned makes it unknown for its keep from now. Returns the claim's two reply values: word, payload.
local function claim_take(key, record, verdict, now)
  if verdict == 'processing' then
    return verdict, string.format('%.0f', record.deadline - now)
  elseif verdict == 'completed' or verdict == 'failed' then
    return verdict, record.payload
  elseif verdict == 'handover' then
    redis.call('DEL', key)
    return 'completed', record.payload
  elseif verdict == 'abandoned' then
    local ends = now + record.keep
    claim_write(key, record, now, ends, 'U', record.fence, ends, record.fingerprint, record.holder)
    return 'unknown', ''
  end
  return verdict, ''
end

-- Writes the end of a claim. fence, keep: numbers; action: C F H U, or R to release. Returns 1, or 0 if the fence is
-- no longer the holder's: then nothing was written. The same settlement again (its reply was lost) is 1 as well,
-- while its record is there.
local function claim_settle(key, raw, fence, action, result, keep, now)
  local record = claim_read(raw, now)
  if not record or record.fence ~= fence then return 0 end
  if record.state ~= 'P' then
    -- The payload of an unknown record is no result.
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
