/**
 * Parameters that advertisers, newsletters and social networks add to links. No application answers by them, and each
 * value would be a page of its own in the cache. What applications are known to read (`ref`, `source`, `id`) is not
 * among them.
 */
export const trackingParameters: readonly string[] = [
  // Campaigns: Google Analytics and those who took its names over, Matomo, Piano, Adobe, Drip.
  ...['utm_*', 'mtm_*', 'matomo_*', 'pk_*', 'piwik_*', 'at_medium', 'at_campaign*', 's_kwcid', 'ef_id', '__s'],
  // Clicks: Google, Microsoft, Meta, X, TikTok, LinkedIn, Pinterest, Reddit, Snapchat, Yandex, Yahoo, Quora, Outbrain, Taboola.
  ...['gclid', 'gclsrc', 'gbraid', 'wbraid', 'dclid', 'gad_source', 'gad_campaignid', 'srsltid', '_gl', '_ga'],
  ...['msclkid', 'fbclid', 'igsh', 'igshid', 'twclid', 'ttclid', 'li_fat_id', 'epik', 'rdt_cid', 'sccid', 'ScCid'],
  ...['yclid', 'ysclid', '_openstat', 'vmcid', 'qclid', 'dicbo', 'tblci'],
  // Newsletters and marketing suites: Mailchimp, HubSpot, Klaviyo, Marketo, Omnisend, Vero, Bronto, Sailthru, MailerLite.
  ...['mc_cid', 'mc_eid', '_hsenc', '_hsmi', '__hssc', '__hstc', '__hsfp', 'hsCtaTracking', '_kx', '_ke', 'mkt_tok'],
  ...[
    'oly_anon_id',
    'oly_enc_id',
    'omnisendContactID',
    'vero_id',
    'vero_conv',
    '_bta_tid',
    '_bta_c',
    'trk_*',
    'ml_subscriber*',
  ],
];
