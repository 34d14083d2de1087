package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import java.net.URI;
import java.util.regex.Pattern;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** setWebhook, deleteWebhook, getWebhookInfo; getUpdates is {@link UpdateQueue#poll}. */
final class ReceivingUpdates {
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{1,256}");
    private static final int MOST_CONNECTIONS = 100;
    private static final int DEFAULT_CONNECTIONS = 40;

    private final WebhookPoster poster;
    private final SimulatorSettings.Updates settings;

    ReceivingUpdates(WebhookPoster poster, SimulatorSettings.Updates settings) {
        this.poster = poster;
        this.settings = settings;
    }

    Done setWebhook(Turn turn) {
        ApiCall call = turn.call();
        String url = call.text("url").orElse("");
        if (url.isEmpty()) {
            return deleteWebhook(turn);
        }
        requireHttpUrl(url);
        String secret = call.text("secret_token").orElse(null);
        if (secret != null && !SECRET.matcher(secret).matches()) {
            throw Refusal.badRequest("secret token contains unallowed characters");
        }
        int connections = Math.clamp(call.number("max_connections", DEFAULT_CONNECTIONS), 1, MOST_CONNECTIONS);
        UpdateQueue updates = turn.bot().updates();
        updates.allowOnly(call);
        if (call.flag("drop_pending_updates")) {
            updates.clear();
        }
        Webhook.Target target = new Webhook.Target(url, secret, connections);
        updates.use(new Webhook(target, turn.bot(), poster, turn.clock(), settings));
        return described("Webhook was set");
    }

    Done deleteWebhook(Turn turn) {
        UpdateQueue updates = turn.bot().updates();
        boolean wasSet = updates.webhook() != null;
        updates.use(null);
        if (turn.call().flag("drop_pending_updates")) {
            updates.clear();
        }
        return described(wasSet ? "Webhook was deleted" : "Webhook is already deleted");
    }

    static Done getWebhookInfo(Turn turn) {
        UpdateQueue updates = turn.bot().updates();
        Webhook webhook = updates.webhook();
        ObjectNode info = JsonNodeFactory.instance.objectNode();
        info.put("url", webhook == null ? "" : webhook.target().url());
        info.put("has_custom_certificate", false);
        info.put("pending_update_count", updates.size());
        if (webhook != null) {
            info.put("max_connections", webhook.target().maxConnections());
            Webhook.LastError error = webhook.lastError();
            if (error != null) {
                info.put("last_error_date", error.wallSeconds());
                info.put("last_error_message", error.message());
            }
        }
        if (!updates.allowed().isEmpty()) {
            updates.allowed().stream().sorted().forEach(info.putArray("allowed_updates")::add);
        }
        return Done.of(ApiAnswer.ok(info));
    }

    private static void requireHttpUrl(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return;
            }
        } catch (IllegalArgumentException malformed) {
            throw Refusal.badRequest("bad webhook: invalid URL specified");
        }
        throw Refusal.badRequest("bad webhook: an HTTP or HTTPS URL must be provided for webhook");
    }

    private static Done described(String description) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("ok", true);
        body.put("result", true);
        body.put("description", description);
        return Done.of(ApiAnswer.json(200, body));
    }
}
