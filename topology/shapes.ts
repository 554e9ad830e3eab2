/** The shapes in which an application can be put on line, as data. Starting them is the launcher's business. */
import { resolve } from 'node:path';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import type { AppName } from './wsgi/app-name.ts';

export type ShapeName = 'direct' | 'embedded' | 'front' | 'edge';

export type Shape = {
  readonly name: ShapeName;
  /** What it is the likeness of. */
  readonly likeness: string;
  readonly drawing: string;
  /** From the application outwards: each is started before the one that asks it. */
  readonly tiers: readonly Tier[];
  /** Does the front run the application itself? */
  readonly isEmbedded?: true;
};

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  direct: {
    name: 'direct',
    likeness: 'Gunicorn, called directly',
    drawing: 'client ──► app-backend',
    tiers: ['app-backend'],
  },
  embedded: {
    name: 'embedded',
    likeness: 'Apache with the daemon processes of mod_wsgi',
    drawing: 'client ──► static-frontend, which runs app-backend',
    tiers: ['static-frontend'],
    isEmbedded: true,
  },
  front: {
    name: 'front',
    likeness: 'nginx in front of Gunicorn',
    drawing: 'client ──► static-frontend ──► app-backend',
    tiers: ['app-backend', 'static-frontend'],
  },
  edge: {
    name: 'edge',
    likeness: 'Varnish in front of nginx in front of Gunicorn',
    drawing: 'client ──► edge-cache ──► static-frontend ──► app-backend',
    tiers: ['app-backend', 'static-frontend', 'edge-cache'],
  },
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the user asked for on the command line; what is missing is left to the tiers' own settings. */
export type Wishes = {
  readonly shape: ShapeName;
  /** The port of the outermost tier. */
  readonly port?: number | undefined;
  readonly root?: string | undefined;
  readonly application?: AppName | undefined;
  /** Where the user stands, and Python imports from. */
  readonly from?: string | undefined;
  /** Every port but the outermost one is picked by the system: several shapes can run side by side. */
  readonly isolated?: boolean;
};

/** One process to start. `environment` gets the address of the tier behind it, once that is known. */
export type Service = {
  readonly tier: Tier;
  readonly main: string;
  environment(behind: string | undefined): Environment;
};

/** Of the names of a tier's settings. */
export const prefix = { 'edge-cache': 'EDGE', 'static-frontend': 'FRONT', 'app-backend': 'APP' } as const;
const behindSetting = { 'edge-cache': 'EDGE_ORIGIN', 'static-frontend': 'FRONT_UPSTREAM', 'app-backend': undefined };
const usualPort = { 'edge-cache': 8080, 'static-frontend': 8081, 'app-backend': 8000 } as const;

/** The processes of a shape, in the order in which they start. */
export function services(wishes: Wishes, inherited: Environment): Service[] {
  const { tiers, isEmbedded } = shapes[wishes.shape];
  return tiers.map((tier) => {
    const isOutermost = tier === tiers.at(-1);
    const fixed: Environment = {
      ...listenOf(tier, isOutermost, wishes, inherited),
      ...(isOutermost ? {} : trustOf(tier, inherited)),
      ...filesOf(tier, wishes, inherited),
      ...(isEmbedded && { FRONT_UPSTREAM: 'daemon:', ...filesOf('app-backend', wishes, inherited) }),
    };
    const setting = behindSetting[tier];
    return {
      tier,
      main: `${tier}/main.ts`,
      environment: (behind) => ({ ...fixed, ...(setting && behind ? { [setting]: behind } : {}) }),
    };
  });
}

function listenOf(tier: Tier, isOutermost: boolean, wishes: Wishes, inherited: Environment): Environment {
  const name = `${prefix[tier]}_LISTEN`;
  const admin = wishes.isolated ? { [`${prefix[tier]}_ADMIN_LISTEN`]: '127.0.0.1:0' } : {};
  if (!isOutermost) return { ...admin, [name]: `127.0.0.1:${wishes.isolated ? 0 : usualPort[tier]}` };
  const asked = wishes.port === undefined ? inherited[name] : `0.0.0.0:${wishes.port}`;
  return { ...admin, [name]: asked ?? '0.0.0.0:8080' };
}

/** A tier behind another one believes what that one, on this machine, says of the client. */
function trustOf(tier: Tier, inherited: Environment): Environment {
  const name = `${prefix[tier]}_TRUSTED_PROXIES`;
  return { [name]: inherited[name] ?? '127.0.0.0/8,::1' };
}

function filesOf(tier: Tier, { root, application: asked, from = '.' }: Wishes, inherited: Environment): Environment {
  if (tier === 'static-frontend' && root !== undefined) return { FRONT_ROOT: root };
  if (tier !== 'app-backend' || asked === undefined) return {};
  const { runtime, application } = asked;
  const named = { APP_APPLICATION: application, APP_RUNTIME: runtime };
  return runtime === 'python' ? { ...named, APP_CHDIR: resolve(from, inherited.APP_CHDIR ?? '') } : named;
}
