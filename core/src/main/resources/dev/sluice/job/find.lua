-- Shows a job. KEYS: as in jobs.lua. ARGV: 1 as in jobs.lua, 2 id. Returns the job as show writes it, or nothing.
local answer = {}
local job = read(ARGV[2])
if job then
  show(answer, ARGV[2], job)
end
return answer
