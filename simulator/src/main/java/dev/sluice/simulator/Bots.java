package dev.sluice.simulator;

import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who may call: the bots that were added, and any well-formed token if the settings say so. Thread-safe. */
final class Bots {
    private static final Pattern TOKEN = Pattern.compile("([1-9][0-9]{0,15}):[A-Za-z0-9_-]{35}");
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    private static final int SECRET_LENGTH = 35;

    private final Map<Long, Bot> byId = new ConcurrentHashMap<>();
    private final Map<String, Bot> byToken = new ConcurrentHashMap<>();
    private final Set<Long> strict = ConcurrentHashMap.newKeySet(); // bots whose tokens are only those handed out
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private final SecureRandom random = new SecureRandom();
    private final boolean anyToken;
    private final int most;
    private final Function<BotAccount, Bot> maker;

    Bots(boolean anyToken, int most, Function<BotAccount, Bot> maker) {
        this.anyToken = anyToken;
        this.most = most;
        this.maker = maker;
    }

    BotAccount add(long id, String name) {
        if (id < 1) {
            throw new IllegalArgumentException("a bot's id is positive, not " + id);
        }
        if (byId.size() >= most) {
            throw new IllegalStateException("there are " + most + " bots already");
        }
        String token = id + ":" + secret();
        BotAccount account = new BotAccount(id, name, "sim" + id + "_bot", token);
        Bot bot = maker.apply(account);
        if (byId.putIfAbsent(id, bot) != null) {
            throw new IllegalArgumentException("bot " + id + " exists already");
        }
        strict.add(id);
        byToken.put(token, bot);
        return account;
    }

    /** A new token for a bot; all its older ones are wrong from now on. */
    String rotate(long id) {
        Bot bot = byId.get(id);
        if (bot == null) {
            throw new IllegalArgumentException("there is no bot " + id);
        }
        strict.add(id);
        byToken.values().removeIf(known -> known == bot);
        String token = id + ":" + secret();
        byToken.put(token, bot);
        return token;
    }

    /** What its calls fall under from now on, paid broadcasts apart. */
    void setLimit(long id, FloodLimits.Limit limit) {
        Bot bot = byId.get(id);
        if (bot == null) {
            throw new IllegalArgumentException("there is no bot " + id);
        }
        synchronized (bot) {
            bot.flood().setBot(limit);
        }
    }

    void revoke(String token) {
        revoked.add(token);
        byToken.remove(token);
    }

    Optional<Bot> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Ends all deliveries. */
    void close() {
        for (Bot bot : byId.values()) {
            synchronized (bot) {
                bot.updates().use(null);
            }
        }
    }

    /** The bot that a token of a request belongs to; throws 401, or 404 for what can not be a token. */
    Bot authenticate(String token) {
        Bot known = byToken.get(token);
        if (known != null) {
            return known;
        }
        Matcher wellFormed = TOKEN.matcher(token);
        if (!wellFormed.matches()) {
            int colon = token.indexOf(':');
            throw colon > 0 && token.chars().limit(colon).allMatch(Character::isDigit)
                    ? unauthorized()
                    : Refusal.notFound();
        }
        long id = Long.parseLong(wellFormed.group(1));
        if (!anyToken || strict.contains(id) || revoked.contains(token) || byToken.size() >= most) {
            throw unauthorized();
        }
        Bot bot = byId.computeIfAbsent(
                id, unseen -> maker.apply(new BotAccount(unseen, "Bot " + unseen, "sim" + unseen + "_bot", token)));
        byToken.put(token, bot);
        return bot;
    }

    private static Refusal unauthorized() {
        return Refusal.of(401, "Unauthorized");
    }

    private String secret() {
        StringBuilder secret = new StringBuilder(SECRET_LENGTH);
        for (int i = 0; i < SECRET_LENGTH; i++) {
            secret.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return secret.toString();
    }
}
