-- Takes one from a sliding window, if there are fewer than the limit in it. The same rule as
-- window.rs, on the clock of Redis, which all gateways share.
--
-- KEYS[1]: a hash from the number of a slot to its count. ARGV: limit, slot in ms, slots.
-- Answers: 1 if taken, how many count now, and in how many ms the oldest of them is forgotten.
local limit, slot_ms, slots = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local youngest = math.floor(now / slot_ms)
local used, oldest = 0, youngest
local counts = redis.call('HGETALL', KEYS[1])
for i = 1, #counts, 2 do
  local slot = tonumber(counts[i])
  if slot <= youngest - slots then
    redis.call('HDEL', KEYS[1], counts[i])
  else
    used = used + tonumber(counts[i + 1])
    oldest = math.min(oldest, slot)
  end
end
local taken = 0
if used < limit then
  taken = 1
  used = used + 1
  redis.call('HINCRBY', KEYS[1], youngest, 1)
  redis.call('PEXPIRE', KEYS[1], slots * slot_ms)
end
return {taken, used, (oldest + slots) * slot_ms - now}
