import { Mark, type Tone } from '../elements/mark.tsx';

const toneOf = (status: number): Tone => {
  if (status < 400) return 'good';
  return status < 500 ? 'doubt' : 'bad';
};

/** The status of an answer, with the colour of its class. */
export function Status({ status }: { status: number }) {
  return <Mark tone={toneOf(status)}>{status}</Mark>;
}
