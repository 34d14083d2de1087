-- Puts another answer in the place of one that is kept, for as long as that was to be.
-- KEYS  1 record of the claim
-- ARGV  1 the answer that was read, 2 the one to come
-- Returns {1}, or {0} if it has another by now
-- Atomic because the claim may be settled, or opened anew, at the same moment.
local record = claim_read(redis.call('GET', KEYS[1]), now)
if not record or record.payload ~= ARGV[1] or not claim_words[record.state] then
  return { 0 }
end
claim_write(KEYS[1], record, now, record.deadline, record.state, record.fence, record.deadline, record.fingerprint, ARGV[2])
return { 1 }
