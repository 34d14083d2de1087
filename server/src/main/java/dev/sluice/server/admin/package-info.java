/**
 * What operators ask for over HTTP: health and metrics.
 *
 * <p>Start with {@link dev.sluice.server.admin.AdminApi}, then {@link dev.sluice.server.admin.AdminAccess}, which decides
 * who may ask.
 */
@NullMarked
package dev.sluice.server.admin;

import org.jspecify.annotations.NullMarked;
