-- Library: jobs, as their steps read and write them. All share one slot: a list is read in one step, and jobs are few.
-- KEYS  1 which began when: sorted set, id -> number of its run, 2 which was last heard of when: sorted set, id -> microseconds
-- ARGV  1 for how long a job is kept that nobody touches, microseconds
local begun, heard = KEYS[1], KEYS[2]
local kept = tonumber(ARGV[1])
local WHOLE = '%.0f'

-- A job is a hash: name, number, state, started, updated, ended, silence, done, total, error, message, and c:<counter> for each counter.
local function key_of(id)
  return (string.gsub(begun, 'begun$', 'of:' .. id))
end

local WORDS = { running = true, succeeded = true, failed = true, cancelled = true }

-- Whether all is there that a job has. Another program may have written there, which must not keep others from being listed.
local function is_whole(job)
  for _, field in ipairs({ 'number', 'started', 'updated', 'silence' }) do
    if not job[field] then
      return false
    end
  end
  for field, value in pairs(job) do
    local text = field == 'name' or field == 'state' or field == 'error' or field == 'message'
    if not text and (#value > 18 or not string.find(value, '^%-?%d+$')) then
      return false
    end
  end
  return job.name and WORDS[job.state]
end

-- The job's fields, or nothing if there is none, or its time is over.
local function read(id)
  local fields = redis.pcall('HGETALL', key_of(id))
  if fields.err or #fields == 0 then
    return nil
  end
  local job = {}
  for i = 1, #fields, 2 do
    job[fields[i]] = fields[i + 1]
  end
  if not is_whole(job) or tonumber(job.updated) + kept <= now then
    return nil
  end
  return job
end

local function is_silent(job)
  return tonumber(job.updated) + tonumber(job.silence) < now
end

local function state_of(job)
  return job.state == 'running' and is_silent(job) and 'dead' or job.state
end

-- The job's own key must be written by then. Setting a TTL counts as a write, after which Redis lets a script go on although its memory is
-- full: a heartbeat or an ending must not fail for that.
local function touch(id)
  local life = string.format(WHOLE, kept / 1000)
  redis.call('PEXPIRE', key_of(id), life)
  redis.call('PEXPIRE', begun, life)
  redis.call('HSET', key_of(id), 'updated', string.format(WHOLE, now))
  redis.call('ZADD', heard, string.format(WHOLE, now), id)
  redis.call('PEXPIRE', heard, life)
end

-- Adds a job to an answer: its fields in this order, then its counters.
local function show(answer, id, job)
  local counters = {}
  for field, value in pairs(job) do
    if string.sub(field, 1, 2) == 'c:' then
      counters[#counters + 1] = string.sub(field, 3)
      counters[#counters + 1] = value
    end
  end
  for _, value in ipairs({
    id, job.name, job.number, state_of(job), job.started, job.updated, job.ended or '', job.silence, job.done or '', job.total or '',
    job.error or '', job.message or '', #counters / 2,
  }) do
    answer[#answer + 1] = value
  end
  for _, value in ipairs(counters) do
    answer[#answer + 1] = value
  end
end
